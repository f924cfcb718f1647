/** What the workbench knows of a statement's text without an engine: one code for hub and console. */
export { placeOf, type Token, tokensOf, withParameters } from './text.ts';
