//! Plots as a page shows them.

use super::Name;

/// A plot with what stands below it.
pub struct Figure {
    pub title: &'static str,
    pub svg: String,
    pub caption: String,
    /// Class and name of what is drawn.
    pub keys: Vec<(&'static str, &'static str)>,
}

/// The end of a title that says what of: nothing where there is no name.
pub fn of(name: Option<&Name>) -> String {
    name.map(|name| format!(" of {name}")).unwrap_or_default()
}
