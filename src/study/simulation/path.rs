//! What one path meant for one note.

/// One note on one path, as shares of its original balance and years.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NoteOutcome {
    /// Cash received less cash drawn, discounted to closing, over the original balance.
    pub present_value: f64,
    /// Principal never paid (outstanding after the last payment date, or written down for good) over the
    /// original balance.
    pub loss: f64,
    /// Whether interest that was due was not paid on its date.
    pub interest_missed: bool,
    /// Whether a balance was left after the anticipated repayment date.
    pub ard_missed: bool,
    /// Weighted average life of the principal paid, in years; `None` if none is paid.
    pub life: Option<f64>,
    /// The first payment date, from 0, with interest missed, a write-down or principal overdue.
    pub first_loss: Option<usize>,
}
