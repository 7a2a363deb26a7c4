//! Where the columns that a projection writes stand in a layout.

use super::{Layout, measure, source};

/// The columns of leases, in [`Layout::leases`] and [`Layout::leases_and_loans`].
#[derive(Clone, Copy, Debug)]
pub(super) struct LeaseColumns {
    pub rent: usize,
    pub reimbursements: usize,
    pub termination_fees: usize,
    pub guarantor_payments: usize,
    pub recoveries: usize,
    pub residual_value_guarantee: usize,
    pub sale_proceeds: usize,
    pub expenses: usize,
    pub noi: usize,
    pub asset_value: usize,
    pub rent_roll: usize,
    pub top_tenant_rent: usize,
    pub top_five_rent: usize,
}

impl LeaseColumns {
    /// `None` if the layout is not one of leases.
    pub fn of(layout: &Layout) -> Option<LeaseColumns> {
        Some(LeaseColumns {
            rent: layout.column(source::RENT)?,
            reimbursements: layout.column(source::REIMBURSEMENTS)?,
            termination_fees: layout.column(source::TERMINATION_FEES)?,
            guarantor_payments: layout.column(source::GUARANTOR_PAYMENTS)?,
            recoveries: layout.column(source::RECOVERIES)?,
            residual_value_guarantee: layout.column(source::RESIDUAL_VALUE_GUARANTEE)?,
            sale_proceeds: layout.column(source::SALE_PROCEEDS)?,
            expenses: layout.column(measure::EXPENSES)?,
            noi: layout.column(measure::NOI)?,
            asset_value: layout.column(measure::ASSET_VALUE)?,
            rent_roll: layout.column(measure::RENT_ROLL)?,
            top_tenant_rent: layout.column(measure::TOP_TENANT_RENT)?,
            top_five_rent: layout.column(measure::TOP_FIVE_RENT)?,
        })
    }
}

/// The columns of loans, in [`Layout::loans`] and [`Layout::leases_and_loans`].
#[derive(Clone, Copy, Debug)]
pub(super) struct LoanColumns {
    pub interest: usize,
    pub principal: usize,
    pub recoveries: usize,
    pub pool_balance: usize,
    pub realized_loss: usize,
}

impl LoanColumns {
    /// `None` if the layout is not one of loans.
    pub fn of(layout: &Layout) -> Option<LoanColumns> {
        Some(LoanColumns {
            interest: layout.column(source::INTEREST)?,
            principal: layout.column(source::PRINCIPAL)?,
            recoveries: layout.column(source::RECOVERIES)?,
            pool_balance: layout.column(measure::POOL_BALANCE)?,
            realized_loss: layout.column(measure::REALIZED_LOSS)?,
        })
    }
}

/// The columns of representative lines beside those of loans, in [`Layout::with_rep_lines`].
#[derive(Clone, Copy, Debug)]
pub(super) struct LineColumns {
    pub prepayments: usize,
    pub delinquent_balance: usize,
}

impl LineColumns {
    /// `None` if the layout has none.
    pub fn of(layout: &Layout) -> Option<LineColumns> {
        Some(LineColumns {
            prepayments: layout.column(source::PREPAYMENTS)?,
            delinquent_balance: layout.column(measure::DELINQUENT_BALANCE)?,
        })
    }
}

/// The columns of notes held, in [`Layout::notes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoteColumns {
    pub interest: usize,
    pub principal: usize,
    pub pool_balance: usize,
    pub realized_loss: usize,
}

impl NoteColumns {
    /// `None` if the layout is not one of notes.
    pub fn of(layout: &Layout) -> Option<NoteColumns> {
        Some(NoteColumns {
            interest: layout.column(source::INTEREST)?,
            principal: layout.column(source::PRINCIPAL)?,
            pool_balance: layout.column(measure::POOL_BALANCE)?,
            realized_loss: layout.column(measure::REALIZED_LOSS)?,
        })
    }
}

/// The columns of leases of chips, in [`Layout::chips`].
#[derive(Clone, Copy, Debug)]
pub(super) struct ChipColumns {
    pub rent: usize,
    pub guarantor_payments: usize,
    pub recoveries: usize,
    pub sale_proceeds: usize,
    pub expenses: usize,
    pub noi: usize,
    pub asset_value: usize,
    pub rent_roll: usize,
    pub top_tenant_rent: usize,
    pub top_five_rent: usize,
    pub chip_value: usize,
    pub book_value: usize,
    pub contracted_value: usize,
}

impl ChipColumns {
    /// `None` if the layout is not one of chips.
    pub fn of(layout: &Layout) -> Option<ChipColumns> {
        Some(ChipColumns {
            rent: layout.column(source::RENT)?,
            guarantor_payments: layout.column(source::GUARANTOR_PAYMENTS)?,
            recoveries: layout.column(source::RECOVERIES)?,
            sale_proceeds: layout.column(source::SALE_PROCEEDS)?,
            expenses: layout.column(measure::EXPENSES)?,
            noi: layout.column(measure::NOI)?,
            asset_value: layout.column(measure::ASSET_VALUE)?,
            rent_roll: layout.column(measure::RENT_ROLL)?,
            top_tenant_rent: layout.column(measure::TOP_TENANT_RENT)?,
            top_five_rent: layout.column(measure::TOP_FIVE_RENT)?,
            chip_value: layout.column(measure::CHIP_VALUE)?,
            book_value: layout.column(measure::BOOK_VALUE)?,
            contracted_value: layout.column(measure::CONTRACTED_VALUE)?,
        })
    }
}
