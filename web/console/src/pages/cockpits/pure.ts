/** What a figure means: one code for hub and console. */
export * from '../../../../../hub/src/cockpits/pure/index.ts';
