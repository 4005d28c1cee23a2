//! Examples of the library: see `examples/examples`.

#[cfg(test)]
mod tests {
    #[test]
    fn the_readme_shows_the_example_as_it_is() {
        let readme = include_str!("../../README.md");
        let shown = readme.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next());
        assert_eq!(shown, Some(include_str!("../examples/train_and_predict.rs")));
    }
}
