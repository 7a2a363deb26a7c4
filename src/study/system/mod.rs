//! The system around the deals: who has promised what to whom, who holds the notes, and both ways in which
//! it can end.
//!
//! - [`Network`]: parties and their commitments from a file, [rings](Network::rings) in which money returns to
//!   where it started, [backlogs](Network::backlogs) that rest on others' promises.
//! - [`Claims::clear`]: who can pay whom, in whole cents; [`Network::cascade`]: year by year.
//! - [`Holders`]: balance sheets and rules; [`Holders::fire_sale`]: losses that make sales that make losses.
//! - [`Outcome`]: a state of the world that drives all of it; [`System::run`]: what each note and each holder
//!   loses, and by which way.
//! - [`System::joint_tails`]: how often notes and holders fail together, over random paths.
//!
//! `docs/system.md` lists what is assumed.

mod apportion;
mod by_year;
mod clearing;
mod commitments;
mod contagion;
mod equity;
mod figure;
mod files;
mod fire_sale;
mod flows;
mod holders;
mod jobs;
mod joint;
mod lever;
mod losses;
mod network;
mod open;
mod outcome;
mod outcome_check;
mod random_deal;
mod rings;
mod run;

pub use by_year::{Cascade, Means, Terms};
pub use clearing::{Claim, Claims, Cleared, Clearing, Recovery, Vector};
pub use commitments::{
    Commitment, CommitmentKind, CommitmentsFile, Mark, Party, PartyKind, Role, Status, YearAmount, Years,
};
pub use equity::{PartyLoss, ShareTerms};
pub use figure::Figure;
pub use fire_sale::{End, FireSale, GroupLoss, Vulnerability};
pub use flows::PartyFlow;
pub use holders::{AssetKind, AssetTerms, GroupTerms, Holders, HoldersFile, Holding, Rule};
pub use joint::{Chance, JointTails};
pub use lever::Lever;
pub use losses::Losses;
pub use network::{Network, Promises};
pub use open::System;
pub use outcome::{AssetChange, DealScenario, DefaultTerms, Outcome, Shock, StatedFigure, Unemployment};
pub use rings::{Backlog, Ring, Rings};
pub use run::{GroupResult, NoteResult, SystemResult};
