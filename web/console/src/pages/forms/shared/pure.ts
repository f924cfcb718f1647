/** What forms mean, shared with the hub: the console reads rules, conditions and faults by the very code that the hub judges by. */
export * from '../../../../../../hub/src/forms/pure/index.ts';
