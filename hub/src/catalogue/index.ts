/** The catalogue's door: what exists and whose it is. */
export * from './api.ts';
export * from './declaration.ts';
