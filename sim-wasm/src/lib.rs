//! The widgets of the workbook.
