/** Rows as files that spreadsheets read without harm: CSV and workbooks of one sheet, and the ZIP that these are in. */
export { BOM, csvFile, csvLine, harmless } from './csv.ts';
export { columnLetters, SHEET_ROWS, XLSX_TYPE, type XlsxCell, xlsx, xmlText } from './xlsx.ts';
export { type ZipEntry, zip } from './zip.ts';
