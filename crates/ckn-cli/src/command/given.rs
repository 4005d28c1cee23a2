//! Options without effect are refused, by one mechanism: [`effects!`].

use std::collections::BTreeSet;
use std::fmt::Display;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::exit::Usage;

/// The options that were given, rather than left at their defaults, by the names of their fields.
#[derive(Debug, Clone, Default)]
pub struct Given(BTreeSet<String>);

/// Arguments of a command, each of which says when it has an effect.
pub trait Effects {
    /// Refuses an option that was given and has no effect beside the others.
    fn check(&self, given: &Given) -> Result<(), Usage>;
}

impl<T: Effects> Effects for Box<T> {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        (**self).check(given)
    }
}

impl Given {
    /// Those of the innermost command.
    pub fn of(matches: &ArgMatches) -> Self {
        if let Some((_, inner)) = matches.subcommand() {
            return Self::of(inner);
        }
        let given = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
        Self(matches.ids().map(clap::Id::as_str).filter(given).map(str::to_owned).collect())
    }

    /// The arguments of a command, none of which was given in vain.
    pub fn check<T: Effects>(&self, arguments: T) -> Result<T, Usage> {
        arguments.check(self)?;
        Ok(arguments)
    }

    /// The first option of a group that was given, by the name of its field.
    pub fn first_of<T: Args>(&self) -> Option<String> {
        let group = T::augment_args(clap::Command::new("group"));
        let mut fields = group.get_arguments().map(|option| option.get_id().as_str());
        fields.find(|&field| self.has(field)).map(str::to_owned)
    }

    /// Whether an option was given.
    pub fn has(&self, field: &str) -> bool {
        self.0.contains(field)
    }

    /// Refuses the options of a group but some.
    pub fn refuse_group<T: Args>(&self, but: &[&str], why: impl Display) -> Result<(), Usage> {
        let group = T::augment_args(clap::Command::new("group"));
        let fields = group.get_arguments().map(|option| option.get_id().as_str());
        fields.filter(|field| !but.contains(field)).try_for_each(|field| self.refuse(field, &why))
    }

    /// Refuses an option if it was given.
    pub fn refuse(&self, field: &str, why: impl Display) -> Result<(), Usage> {
        if self.has(field) { Err(Usage(format!("--{} {why}", field.replace('_', "-")))) } else { Ok(()) }
    }
}

/// As the first group of a command's arguments, which has none of its own: what was given of all that follow.
impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self::of(matches))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::of(matches);
        Ok(())
    }
}

impl Args for Given {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}

/// Says when each option of a group has an effect: first the fields that always have one, or that are groups checked elsewhere;
/// then, line by line, fields and why they have none, an `Option` that is `None` where they have one.
///
/// A field that nobody named does not compile. `effects!(for Command: fields)` is for a command all of whose options always have an
/// effect.
macro_rules! effects {
    (for $command:ident: $($always:ident),*) => {
        impl crate::command::given::Effects for $command {
            fn check(&self, given: &crate::command::given::Given) -> Result<(), crate::exit::Usage> {
                crate::command::given::effects!(given, self; $($always),*)
            }
        }
    };
    ($given:expr, $arguments:expr; $($always:ident),* $(,)? $(; $($field:ident),+ => $idle:expr)* $(;)?) => {{
        let Self { $($always: _,)* $($($field: _,)+)* } = $arguments;
        let given: &crate::command::given::Given = $given;
        $(if let Some(why) = $idle {
            $(given.refuse(stringify!($field), why)?;)+
        })*
        let _ = given;
        Ok::<(), crate::exit::Usage>(())
    }};
}
pub(crate) use effects;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use crate::command::Arguments;

    /// All options of a command and of those inside it, with the command's name.
    fn options(command: &clap::Command, found: &mut Vec<(String, clap::Arg)>) {
        found.extend(command.get_arguments().map(|option| (command.get_name().to_owned(), option.clone())));
        command.get_subcommands().for_each(|inner| options(inner, found));
    }

    #[test]
    fn options_are_called_as_their_fields_are() {
        let mut command = Arguments::command();
        command.build();
        let mut found = Vec::new();
        options(&command, &mut found);
        for (command, option) in found {
            let named = option.get_long().is_none_or(|long| long.replace('-', "_") == option.get_id().as_str());
            assert!(named, "ckn {command} --{}", option.get_long().unwrap_or_default());
        }
    }
}
