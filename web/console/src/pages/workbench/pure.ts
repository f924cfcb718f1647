/** What a statement's text is made of: one code for hub and console. */
export * from '../../../../../hub/src/workbench/pure/index.ts';
