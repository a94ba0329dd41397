//! What the scenarios of all models have in common: a kernel, and scalar parameters by name.

use crate::scenario::{Fields, Param, Problem, Problems};
use crate::{Json, KernelVersion, Model, Text};

/// The tick rates a kernel can be built with (CONFIG_HZ).
pub(crate) const HZ: &[(i64, Text)] = &[
    (100, Text::fixed("100", "100")),
    (250, Text::fixed("250", "250")),
    (300, Text::fixed("300", "300")),
    (1000, Text::fixed("1000", "1000")),
];
/// What is off or on.
pub(crate) const YES_NO: &[(i64, Text)] = &[(0, Text::fixed("끔", "off")), (1, Text::fixed("켬", "on"))];

/// A scenario with a kernel and scalar parameters.
pub trait Params: Clone + 'static {
    /// The kernels that are modelled, as a refusal names them: `2.6.18, 3.5..7.x`.
    const KERNELS: &'static str;

    /// The scalar parameters a control can set, in the order a reader meets them.
    fn params() -> &'static [Param];
    /// The kernel whose rules hold.
    fn kernel(&mut self) -> &mut KernelVersion;
    /// The field behind a parameter's name.
    fn field(&mut self, name: &str) -> Option<&mut i64>;

    /// A parameter as the bound of other fields: where `value` is out of range itself, the largest
    /// one it may have, so that the others are not refused for its fault.
    ///
    /// # Panics
    /// There is no parameter of that name.
    fn usable(name: &str, value: i64) -> i64 {
        let param = Self::params().iter().find(|param| param.name == name).expect("the name of a parameter");
        if (param.min..=param.max).contains(&value) { value } else { param.max }
    }

    /// Every parameter at its default.
    fn with_defaults(mut self) -> Self {
        for param in Self::params() {
            *self.field(param.name).expect("a parameter names a field") = param.default;
        }
        self
    }

    /// Reports the parameters that are out of range.
    fn check_params(&self, problems: &mut Problems) {
        let mut copy = self.clone();
        for param in Self::params() {
            let value = *copy.field(param.name).expect("a parameter names a field");
            if let Some(problem) = param.check(param.name, value) {
                problems.push(problem);
            }
        }
    }

    /// Takes kernel and parameters from the fields of a scenario.
    fn read_params(&mut self, fields: &mut Fields<'_>, problems: &mut Problems) {
        // Checked before the scenario is read.
        fields.value("model");
        fields.value("model_version");
        if let Some(text) = fields.text("kernel", Self::KERNELS, problems) {
            match text.parse() {
                Ok(kernel) => *self.kernel() = kernel,
                Err(_) => problems.push(Problem::range("kernel", text, Self::KERNELS, "")),
            }
        }
        for param in Self::params() {
            let value = fields.param(param, problems);
            *self.field(param.name).expect("a parameter names a field") = value;
        }
    }

    /// Which model, which version of it, the kernel and the parameters, as [`Params::read_params`]
    /// reads them back.
    fn write_params<M: Model>(&self) -> Json {
        let mut copy = self.clone();
        let mut out = Json::object([
            ("model", M::NAME.into()),
            ("model_version", u64::from(M::VERSION).into()),
            ("kernel", copy.kernel().to_string().as_str().into()),
        ]);
        for param in Self::params() {
            out.set(param.name, copy.field(param.name).map_or(param.default, |value| *value).into());
        }
        out
    }
}
