//! Plots below each other in one picture, so that what happens on one date is read down the page.

use super::canvas::Canvas;
use super::plot::XyPlot;
use super::{Key, Size};

/// Plots that share their horizontal axis, first on top.
#[derive(Clone, Debug, PartialEq)]
pub struct PanelPlot {
    /// The plots.
    pub panels: Vec<XyPlot>,
}

/// Room between two panels.
const GAP: f64 = 12.0;

impl PanelPlot {
    pub(super) fn height(&self, size: Size) -> f64 {
        (size.height() + GAP) * self.panels.len() as f64 - GAP
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::new();
        for key in self.panels.iter().flat_map(XyPlot::keys) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    pub(super) fn body(&self, size: Size) -> String {
        let mut canvas = Canvas::default();
        for (place, panel) in self.panels.iter().enumerate() {
            canvas.open_at((0.0, (size.height() + GAP) * place as f64));
            canvas.raw(&panel.body(size));
            canvas.close_group();
        }
        canvas.into_text()
    }
}
