//! Chips by generation, and fleets of them: the records of `chips.toml`.

use super::figure::Figure;
use super::fleet::Fleet;
use crate::error::{Problem, Problems};
use crate::tape::{Document, FileFormat, read_document};
use crate::time::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Dense 16-bit TFLOP/s of an H100 SXM: one half of what defines the unit of work.
pub const H100_DENSE_16BIT_TFLOPS: f64 = 989.0;
/// Dense 8-bit TFLOP/s of an H100 SXM: the other half.
pub const H100_DENSE_8BIT_TFLOPS: f64 = 1_979.0;

/// `chips.toml`: what each generation of chip can do and costs, and the fleets that somebody owns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChipsFile {
    /// The generations, released or announced, in any order.
    pub generations: Vec<Generation>,
    /// The fleets; a catalogue has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fleets: Vec<Fleet>,
}

impl FileFormat for ChipsFile {
    const NAME: &'static str = "chips.toml";
    const SCHEMA: &'static str = include_str!("../../docs/schema/chips.json");
}

/// A generation of accelerator, per chip; every figure says where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Generation {
    /// The name by which fleets refer to it.
    pub id: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When systems with it first shipped in volume, or are announced to.
    pub release: Figure<Date>,
    /// Peak dense (not sparse) TFLOP/s in bf16, or fp16 where there is no bf16.
    pub dense_16bit_tflops: Figure<Decimal>,
    /// Peak dense TFLOP/s in fp8, where the chip has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dense_8bit_tflops: Option<Figure<Decimal>>,
    /// Rated power of the chip in watts.
    pub chip_watts: Figure<Decimal>,
    /// A chip's share of the rated power of the system around it (processors, network, fans), in watts.
    pub system_overhead_watts: Figure<Decimal>,
    /// Price of the chip alone, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chip_price_usd: Option<Figure<Decimal>>,
    /// A chip's share of the price of a working system: what an owner pays for it.
    pub system_price_usd: Figure<Decimal>,
    /// Power per rack that a hall must supply to house it as sold, in kW.
    pub rack_density_kw: Figure<Decimal>,
}

/// What the model needs of a generation, as numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChipRates {
    /// Work done in an hour, in hours of an H100.
    pub h100_equivalents: f64,
    /// Rated power of the chip and its share of the system, in kW.
    pub kw: f64,
    /// Price of the chip and its share of the system, in dollars.
    pub system_price_usd: f64,
}

impl Generation {
    /// Work per hour in hours of an H100: the geometric mean of the ratios of dense 16-bit and dense 8-bit
    /// peaks, or the 16-bit ratio alone for a chip without fp8.
    ///
    /// Neither format alone is what tenants rent: training is mostly 16-bit, serving mostly 8-bit. The
    /// two give the same ratio for every generation up to GB200 and part with Rubin.
    pub fn h100_equivalents(&self) -> f64 {
        let ratio_16 = model(self.dense_16bit_tflops.value) / H100_DENSE_16BIT_TFLOPS;
        match &self.dense_8bit_tflops {
            // sqrt(r16 x r8)
            Some(peak) => (ratio_16 * model(peak.value) / H100_DENSE_8BIT_TFLOPS).sqrt(),
            None => ratio_16,
        }
    }

    /// The generation as numbers for the price of compute and the value of chips.
    pub fn rates(&self) -> ChipRates {
        ChipRates {
            h100_equivalents: self.h100_equivalents(),
            kw: (model(self.chip_watts.value) + model(self.system_overhead_watts.value)) / 1_000.0,
            system_price_usd: model(self.system_price_usd.value),
        }
    }

    /// The figures that must be above zero, by field.
    fn positive(&self) -> impl Iterator<Item = (&'static str, Decimal)> {
        let always = [
            ("dense_16bit_tflops", self.dense_16bit_tflops.value),
            ("chip_watts", self.chip_watts.value),
            ("system_price_usd", self.system_price_usd.value),
            ("rack_density_kw", self.rack_density_kw.value),
        ];
        let eight = self.dense_8bit_tflops.as_ref().map(|figure| ("dense_8bit_tflops", figure.value));
        let price = self.chip_price_usd.as_ref().map(|figure| ("chip_price_usd", figure.value));
        always.into_iter().chain(eight).chain(price)
    }
}

/// A `chips.toml` from its text, checked: figures above zero, ids that are unique and lead somewhere,
/// no fleet in service before its generation is released.
///
/// # Errors
/// Every problem of the text, as [`read_document`], or else every problem of what it means.
pub fn read_chips(name: &str, text: &str) -> Result<ChipsFile, Problems> {
    check_chips(read_document::<ChipsFile>(name, text)?).map(|document| document.value)
}

/// The document, if all of it makes sense.
pub(crate) fn check_chips(document: Document<ChipsFile>) -> Result<Document<ChipsFile>, Problems> {
    let mut problems = Vec::new();
    check_generations(&document, &mut problems);
    check_fleets(&document, &mut problems);
    Problems::from(problems).none_or(document)
}

fn check_generations(document: &Document<ChipsFile>, problems: &mut Vec<Problem>) {
    let mut seen = HashSet::new();
    if document.value.generations.is_empty() {
        problems.push(document.problem("generations", "none", "at least one"));
    }
    for (index, generation) in document.value.generations.iter().enumerate() {
        let path = |field: &str| format!("generations[{index}].{field}");
        let id = &generation.id;
        if id.is_empty() || !seen.insert(id) {
            problems.push(document.problem(&path("id"), format!("`{id}`"), "an id of its own"));
        }
        for (field, value) in generation.positive().filter(|(_, value)| *value <= Decimal::ZERO) {
            problems.push(document.problem(&path(field), value.to_string(), "a number above 0"));
        }
        let overhead = generation.system_overhead_watts.value;
        if overhead < Decimal::ZERO {
            let expected = "a number of at least 0";
            problems.push(document.problem(&path("system_overhead_watts"), overhead.to_string(), expected));
        }
    }
}

fn check_fleets(document: &Document<ChipsFile>, problems: &mut Vec<Problem>) {
    let mut seen = HashSet::new();
    for (index, fleet) in document.value.fleets.iter().enumerate() {
        let path = |field: &str| format!("fleets[{index}].{field}");
        if fleet.id.is_empty() || !seen.insert(&fleet.id) {
            let found = format!("`{}`", fleet.id);
            problems.push(document.problem(&path("id"), found, "an id of its own"));
        }
        for (field, found, expected) in fleet.out_of_bounds() {
            problems.push(document.problem(&path(field), found, expected));
        }
        let known = document.value.generations.iter().find(|known| known.id == fleet.generation);
        match known {
            None => {
                let found = format!("`{}`", fleet.generation);
                problems.push(document.problem(&path("generation"), found, "the id of a generation"));
            }
            Some(generation) if fleet.in_service < generation.release.value => {
                let expected = format!("a date on or after the release on {}", generation.release.value);
                let found = fleet.in_service.to_string();
                problems.push(document.problem(&path("in_service"), found, expected));
            }
            Some(_) => {}
        }
    }
}

/// A number of a file as a model value. Decimals of a file are below 10^15, so there always is one.
pub(super) fn model(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}
