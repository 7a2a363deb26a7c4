use leasefall::collection::{Collections, Layout};
use leasefall::deal::Deal;
use leasefall::waterfall::{Program, Run};
use leasefall::{Currency, Money};
fn main() {
    let deal: Deal = toml::from_str(include_str!("../benches/four_notes.toml")).unwrap();
    let layout = Layout::leases();
    let program = Program::compile(&deal, &layout).unwrap();
    let n = program.schedule().len();
    let mut c = Collections::empty(Currency::USD, layout, n);
    for p in 0..n {
        c.row_mut(p)[0] = Money::from_minor(100_000_000 + 1_234_567 * (p as i64 % 7));
    }
    let mut r = Run::for_program(&program);
    let reps: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let t = std::time::Instant::now();
    for _ in 0..reps {
        program.run_into(&c, &mut r).unwrap();
    }
    println!("{} ns/period", t.elapsed().as_nanos() as f64 / reps as f64 / n as f64);
}
