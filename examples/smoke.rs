use leasefall::collection::{Collections, Layout};
use leasefall::deal::Deal;
use leasefall::waterfall::Program;
use leasefall::{Currency, Money};
fn main() {
    let text = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let deal: Deal = toml::from_str(&text).unwrap();
    let layout = Layout::leases();
    let program = match Program::compile(&deal, &layout) { Ok(p) => p, Err(e) => { println!("{e}"); return; } };
    let n = program.schedule().len();
    let mut c = Collections::empty(Currency::USD, layout, n);
    for p in 0..n { c.row_mut(p)[0] = Money::from_minor(60_000_000); }
    let (run, lines) = program.explain(&c).unwrap();
    for l in lines.iter().take(8) { println!("{l:?}"); }
    println!("{:?} periods {} {:?}", run.row(0,0), run.periods(), run.conservation(&program));
    println!("{:?}", run.row(run.periods()-1,1));
    let t = std::time::Instant::now();
    let mut r = run;
    for _ in 0..1000 { program.run_into(&c, &mut r).unwrap(); }
    println!("{:?} per run, {} periods: {} ns/period", t.elapsed()/1000, n, t.elapsed().as_nanos()/1000/n as u128);
}
