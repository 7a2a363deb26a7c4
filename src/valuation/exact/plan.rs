//! The order in which factors are integrated out.

use crate::credit::Loadings;

/// Names that are independent once the factors above are known, and groups that still share a factor. The
/// groups are independent of each other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) independent: Vec<usize>,
    pub(super) groups: Vec<Group>,
}

/// Names tied together by a factor, and what is left once it is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) factor: usize,
    pub(super) given: Plan,
}

impl Plan {
    /// For names of these loadings, the factors before `known` being known already.
    ///
    /// Names fall into groups that have no factor in common; in each the factor that most names depend on
    /// is taken first. With one market factor and sectors below it, sectors are then integrated one by one.
    pub(super) fn new(loadings: &[&Loadings], known: usize) -> Plan {
        let factors = loadings.iter().map(|name| name.as_slice().len()).max().unwrap_or(0);
        let free: Vec<usize> = (known..factors).collect();
        Plan::of(loadings, (0..loadings.len()).collect(), &free)
    }

    fn of(loadings: &[&Loadings], names: Vec<usize>, free: &[usize]) -> Plan {
        let depends = |name: usize, factor: usize| {
            loadings[name].as_slice().get(factor).is_some_and(|loading| loading.value() != 0.0)
        };
        let is_independent = |name: &usize| !free.iter().any(|&factor| depends(*name, factor));
        let (independent, mut waiting): (Vec<usize>, Vec<usize>) =
            names.into_iter().partition(is_independent);
        let mut groups = Vec::new();
        while let Some(&seed) = waiting.first() {
            let mut shared: Vec<usize> =
                free.iter().copied().filter(|&factor| depends(seed, factor)).collect();
            // The factors of the group grow until no name outside depends on one of them.
            loop {
                let touches = |name: &usize| shared.iter().any(|&factor| depends(*name, factor));
                let (members, others): (Vec<usize>, Vec<usize>) = waiting.iter().copied().partition(touches);
                let more = |factor: &usize| {
                    !shared.contains(factor) && members.iter().any(|&name| depends(name, *factor))
                };
                let found: Vec<usize> = free.iter().copied().filter(more).collect();
                if found.is_empty() {
                    waiting = others;
                    groups.push(Group::of(loadings, members, &shared, depends));
                    break;
                }
                shared.extend(found);
            }
        }
        Plan { independent, groups }
    }
}

impl Group {
    fn of(
        loadings: &[&Loadings],
        names: Vec<usize>,
        shared: &[usize],
        depends: impl Fn(usize, usize) -> bool,
    ) -> Group {
        let count = |factor: usize| names.iter().filter(|&&name| depends(name, factor)).count();
        // The first of the most shared; a group has at least one factor.
        let first = shared.iter().copied().rev().max_by_key(|&factor| count(factor)).unwrap_or(0);
        let rest: Vec<usize> = shared.iter().copied().filter(|&factor| factor != first).collect();
        Group { factor: first, given: Plan::of(loadings, names, &rest) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credit::Loading;

    fn loadings(values: &[f64]) -> Loadings {
        let each: Vec<Loading> = values.iter().map(|&value| Loading::new(value).unwrap()).collect();
        Loadings::new(&each).unwrap()
    }

    /// A market factor with two sectors below it, and two names apart.
    #[test]
    fn sectors_lie_side_by_side_below_the_market() {
        let names = [
            loadings(&[0.5, 0.3]),
            loadings(&[0.5, 0.3]),
            loadings(&[0.5, 0.0, 0.4]),
            loadings(&[0.5]),
            Loadings::none(),
        ];
        let names: Vec<&Loadings> = names.iter().collect();
        let plan = Plan::new(&names, 0);
        assert_eq!(plan.independent, [4]);
        assert_eq!((plan.groups.len(), plan.groups[0].factor), (1, 0));
        let below = &plan.groups[0].given;
        assert_eq!(below.independent, [3]);
        let found: Vec<(usize, &[usize])> =
            below.groups.iter().map(|group| (group.factor, &group.given.independent[..])).collect();
        assert_eq!(found, [(1, &[0, 1][..]), (2, &[2][..])]);
        // With the market known the sectors are apart from the start.
        assert_eq!(Plan::new(&names, 1).groups.len(), 2);
    }

    /// Names chained by factors are one group, however long the chain.
    #[test]
    fn chains_are_one_group() {
        let names = [
            loadings(&[0.1, 0.0, 0.0]),
            loadings(&[0.0, 0.0, 0.1]),
            loadings(&[0.1, 0.1, 0.0]),
            loadings(&[0.0, 0.1, 0.1]),
        ];
        let plan = Plan::new(&names.iter().collect::<Vec<_>>(), 0);
        assert_eq!((plan.independent.len(), plan.groups.len()), (0, 1));
    }
}
