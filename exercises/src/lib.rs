//! The exercises of the workbook, and the judge that reads a machine and decides.
