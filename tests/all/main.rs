//! One binary of integration tests, one file per concern.

mod schema;
