//! Prices every scenario of a deal's folder: `cargo run --example price_a_folder -- fixtures/deals/aligned-2021-1`.

use leasefall::Error;
use leasefall::folder::Folder;

fn main() -> Result<(), Error> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "fixtures/deals/flexential-2021-1".to_owned());
    let folder = Folder::open(path)?;
    println!("{}", folder.deal().name);
    for scenario in folder.scenario_names()? {
        println!("{scenario}");
        for note in folder.value(&scenario)?.notes {
            match note.measures {
                Ok(m) => println!(
                    "  {:<12} {:>9.4} {:>6.2} years",
                    note.id,
                    m.clean_price,
                    m.wal_years.unwrap_or(0.0)
                ),
                Err(why) => println!("  {:<12} {why}", note.id),
            }
        }
    }
    Ok(())
}
