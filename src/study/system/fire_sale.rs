//! Losses that make holders sell, and sales that make losses, until nobody has to sell.

use super::holders::{AssetKind, Holders, Rule};
use crate::error::Error;
use rust_decimal::prelude::ToPrimitive;

/// What came of a first fall in prices.
#[derive(Clone, Debug, PartialEq)]
pub struct FireSale {
    /// Price of each asset over that at the start, after the first fall alone.
    pub first_prices: Vec<f64>,
    /// The same at the end.
    pub prices: Vec<f64>,
    /// Each group.
    pub groups: Vec<GroupLoss>,
    /// Dollars sold in each round of sales, in total.
    pub rounds: Vec<f64>,
    /// Why the rounds ended.
    pub end: End,
}

/// What a group lost.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupLoss {
    /// Dollars lost to the first fall.
    pub first: f64,
    /// Dollars lost to falls that sales made.
    pub price_impact: f64,
    /// Dollars sold.
    pub sold: f64,
    /// Equity at the end: below zero, its creditors lose.
    pub equity: f64,
    /// For each asset, dollars lost to sales on it.
    pub impact_by_asset: Vec<f64>,
}

/// Why rounds of sales ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nobody has to sell more than a millionth of a millionth of all assets.
    AtRest,
    /// Somebody still has to sell, and has nothing left that it could.
    SoldOut,
    /// Sales go on after the most rounds there may be.
    TooManyRounds,
}

/// The first round of Greenwood, Landier and Thesmar's model of leverage targets.
#[derive(Clone, Debug, PartialEq)]
pub struct Vulnerability {
    /// Aggregate vulnerability: equity lost to sales over all equity.
    pub aggregate: f64,
    /// Each group's part in it: what its own sales make all lose, over all equity. They add up to the aggregate.
    pub contributions: Vec<f64>,
    /// Each group's own equity lost to sales, over its equity; nothing where it has none.
    pub indirect: Vec<f64>,
}

/// Rounds of sales at most.
const MOST_ROUNDS: usize = 10_000;

impl Holders {
    /// Prices fall by `falls`, and holders sell by their rules until nobody must.
    ///
    /// ```text
    /// leverage target   sells A - (1 + B) E            B = debt / equity at the start
    /// margin call       sells A - E / m  if E < m A    m = maintenance
    /// redemption        sells s x (lost so far / A_0) x A_0 - sold so far
    /// price             p x max(0, 1 - impact x dollars sold)
    /// ```
    ///
    /// `A` are assets and `E` equity at prices of the day; without equity all must go. Sales are spread over what
    /// is held, cash first, and bring the price after the fall, so that the seller bears the fall as well as
    /// those who keep theirs (Greenwood, Landier and Thesmar 2015, whose first round this is where leverage is a
    /// target; they let `M' B A R` be bought and `Lambda` move prices). Proceeds repay debt, or leave with
    /// investors.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is not one fall to each asset, each at most 1.
    pub fn fire_sale(&self, falls: &[f64]) -> Result<FireSale, Error> {
        let count = self.assets().len();
        Error::unless(falls.len() == count, "falls", falls.len() as f64, "one to each asset")?;
        for &fall in falls {
            Error::unless(fall.is_finite() && fall <= 1.0, "fall", fall, "at most 1")?;
        }
        let mut market = Market::new(self, falls);
        let total: f64 = self.holdings.iter().sum();
        let (mut rounds, mut end) = (Vec::new(), End::TooManyRounds);
        for _ in 0..MOST_ROUNDS {
            let (orders, wanting) = market.orders();
            let sold: f64 = orders.iter().sum();
            if sold <= 1e-12 * total {
                end = if wanting > 1e-9 * total { End::SoldOut } else { End::AtRest };
                break;
            }
            rounds.push(sold);
            market.trade(&orders);
        }
        Ok(market.result(rounds, end))
    }

    /// The aggregate vulnerability to a fall in prices and its parts:
    ///
    /// ```text
    /// AV = 1' A M Lambda M' B A M f / E
    /// ```
    ///
    /// `A`: assets by group, `M`: shares of each asset in a group's, `B`: debt over equity, `Lambda`: price impact,
    /// `f`: the fall, `E`: all equity (Greenwood, Landier and Thesmar 2015, equation for AV). Every group counts as
    /// if it had a leverage target. A group's contribution is the same with its own `f` alone in place.
    ///
    /// ```
    /// use leasefall::study::system::Holders;
    /// // One bank: assets 100bn, debt 90bn, so B = 9. A fall of 1% costs 1bn, 9bn must go, the price falls by
    /// // 9 x 0.001 = 0.9%, and 0.9bn of the 10bn equity is lost: AV = 0.09.
    /// let holders = Holders::read("holders.toml", r#"
    ///     deals = "."
    ///     assets = [{ id = "x", kind = "other_credit", impact_per_usd_bn = 0.001, source = "", mark = "assumption" }]
    ///     groups = [{ id = "bank", debt_usd = 90_000_000_000, rule = { kind = "leverage_target" }, source = "",
    ///                 mark = "assumption", holdings = [{ asset = "x", amount_usd = 100_000_000_000 }] }]
    /// "#)?;
    /// assert!((holders.vulnerability(&[0.01])?.aggregate - 0.09).abs() < 1e-12);
    /// # Ok::<(), leasefall::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] if there is not one fall to each asset.
    pub fn vulnerability(&self, falls: &[f64]) -> Result<Vulnerability, Error> {
        let (groups, count) = (self.groups().len(), self.assets().len());
        Error::unless(falls.len() == count, "falls", falls.len() as f64, "one to each asset")?;
        let all: f64 = (0..groups).map(|group| self.equity_of(group)).sum();
        let over = |amount: f64, equity: f64| if equity > 0.0 { amount / equity } else { 0.0 };
        // What all hold of an asset: 1' A M.
        let held = |asset: usize| (0..groups).map(|group| self.holding(group, asset)).sum::<f64>();
        let mut price_falls = vec![0.0; count];
        let mut contributions = Vec::with_capacity(groups);
        for group in 0..groups {
            let assets = self.assets_of(group);
            let lost: f64 = (0..count).map(|asset| self.holding(group, asset) * falls[asset]).sum();
            let sold = lost * over(self.debt[group], self.equity_of(group));
            let mut part = 0.0;
            for (asset, price_fall) in price_falls.iter_mut().enumerate() {
                let fall = self.impact[asset] * sold * over(self.holding(group, asset), assets);
                *price_fall += fall;
                part += held(asset) * fall;
            }
            contributions.push(over(part, all));
        }
        let own = |group: usize| {
            let lost: f64 = (0..count).map(|asset| self.holding(group, asset) * price_falls[asset]).sum();
            over(lost, self.equity_of(group))
        };
        Ok(Vulnerability {
            aggregate: contributions.iter().sum(),
            contributions,
            indirect: (0..groups).map(own).collect(),
        })
    }
}

/// Balance sheets while prices fall.
struct Market<'h> {
    holders: &'h Holders,
    count: usize,
    first_prices: Vec<f64>,
    prices: Vec<f64>,
    /// `group * assets + asset`: dollars at prices of the day.
    holdings: Vec<f64>,
    debt: Vec<f64>,
    /// Proceeds left with investors, or held once debt is gone: no asset of the group falls in them.
    out: Vec<f64>,
    losses: Vec<GroupLoss>,
    /// Holdings that a downgrade has already made go.
    downgraded: Vec<bool>,
}

impl<'h> Market<'h> {
    fn new(holders: &'h Holders, falls: &[f64]) -> Market<'h> {
        let (groups, count) = (holders.groups().len(), falls.len());
        let first_prices: Vec<f64> = falls.iter().map(|fall| 1.0 - fall).collect();
        let holdings: Vec<f64> =
            holders.holdings.iter().enumerate().map(|(k, amount)| amount * first_prices[k % count]).collect();
        let loss = |group: usize| GroupLoss {
            first: (0..count).map(|asset| holders.holding(group, asset) * falls[asset]).sum(),
            price_impact: 0.0,
            sold: 0.0,
            equity: 0.0,
            impact_by_asset: vec![0.0; count],
        };
        Market {
            holders,
            count,
            prices: first_prices.clone(),
            first_prices,
            holdings,
            debt: holders.debt.clone(),
            out: vec![0.0; groups],
            losses: (0..groups).map(loss).collect(),
            downgraded: vec![false; groups * count],
        }
    }

    /// What everybody sells of everything, and what it must sell and does not have.
    fn orders(&mut self) -> (Vec<f64>, f64) {
        let mut orders = vec![0.0; self.holdings.len()];
        let mut wanting = 0.0;
        for group in 0..self.losses.len() {
            let range = group * self.count..(group + 1) * self.count;
            if let Rule::RatingForcedSale { threshold, share } = self.holders.groups()[group].rule {
                self.downgrades(group, model(threshold), model(share), &mut orders);
                continue;
            }
            let assets: f64 = self.holdings[range.clone()].iter().sum();
            let needed = self.needed(group, assets);
            wanting += (needed - assets).max(0.0);
            let mut left = needed.min(assets);
            // Cash goes first; the rest in proportion.
            for k in range.clone() {
                if self.holders.assets()[k % self.count].kind == AssetKind::Cash {
                    orders[k] = left.min(self.holdings[k]);
                    left -= orders[k];
                }
            }
            let rest: f64 = range.clone().map(|k| self.holdings[k] - orders[k]).sum();
            for k in range {
                if left > 0.0 && rest > 0.0 && orders[k] < self.holdings[k] && orders[k] == 0.0 {
                    orders[k] = left * (self.holdings[k] / rest);
                }
            }
        }
        (orders, wanting)
    }

    /// What a group must turn into money today.
    fn needed(&self, group: usize, assets: f64) -> f64 {
        let equity = assets - self.debt[group];
        let (debt_then, equity_then) = (self.holders.debt[group], self.holders.equity_of(group));
        let needed = match self.holders.groups()[group].rule {
            Rule::Hold {} | Rule::RatingForcedSale { .. } => 0.0,
            Rule::LeverageTarget {} if debt_then <= 0.0 => 0.0,
            Rule::LeverageTarget {} if equity <= 0.0 || equity_then <= 0.0 => self.debt[group],
            Rule::LeverageTarget {} => assets - (1.0 + debt_then / equity_then) * equity,
            Rule::MarginCall { .. } if self.debt[group] <= 0.0 => 0.0,
            Rule::MarginCall { .. } if equity <= 0.0 => self.debt[group],
            Rule::MarginCall { maintenance } => {
                let maintenance = model(maintenance);
                if equity < maintenance * assets { assets - equity / maintenance } else { 0.0 }
            }
            Rule::Redemption { sensitivity } => {
                let loss = &self.losses[group];
                (model(sensitivity) * (loss.first + loss.price_impact)).min(self.holders.assets_of(group))
                    - loss.sold
            }
        };
        needed.max(0.0)
    }

    fn downgrades(&mut self, group: usize, threshold: f64, share: f64, orders: &mut [f64]) {
        for asset in 0..self.count {
            let k = group * self.count + asset;
            let is_note = self.holders.assets()[asset].kind == AssetKind::Note;
            if is_note
                && !self.downgraded[k]
                && self.holdings[k] > 0.0
                && 1.0 - self.prices[asset] >= threshold
            {
                self.downgraded[k] = true;
                orders[k] = share * self.holdings[k];
            }
        }
    }

    /// All sell at once: prices fall, and the proceeds repay debt.
    fn trade(&mut self, orders: &[f64]) {
        for asset in 0..self.count {
            let sold: f64 = orders.iter().skip(asset).step_by(self.count).sum();
            // p x max(0, 1 - impact x dollars sold)
            let left = (1.0 - self.holders.impact[asset] * sold).max(0.0);
            self.prices[asset] *= left;
            for group in 0..self.losses.len() {
                let k = group * self.count + asset;
                let (loss, order) = (&mut self.losses[group], orders[k]);
                let lost = self.holdings[k] * (1.0 - left);
                loss.price_impact += lost;
                loss.impact_by_asset[asset] += lost;
                loss.sold += order * left;
                self.holdings[k] = (self.holdings[k] - order).max(0.0) * left;
                let repaid = (order * left).min(self.debt[group]);
                let redeems = matches!(self.holders.groups()[group].rule, Rule::Redemption { .. });
                if redeems {
                    self.out[group] += order * left;
                } else {
                    self.debt[group] -= repaid;
                    self.out[group] += order * left - repaid;
                }
            }
        }
    }

    fn result(mut self, rounds: Vec<f64>, end: End) -> FireSale {
        for group in 0..self.losses.len() {
            let assets: f64 = self.holdings[group * self.count..(group + 1) * self.count].iter().sum();
            self.losses[group].equity = assets + self.out[group] - self.debt[group];
        }
        FireSale { first_prices: self.first_prices, prices: self.prices, groups: self.losses, rounds, end }
    }
}

fn model(value: rust_decimal::Decimal) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}
