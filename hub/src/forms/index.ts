/** The door of forms: forms of departments without a system, and what is collected with them (表单采集). */
export { type AssessedTarget, assessedTargets } from './assessed.ts';
export { type CollectedFact, collectedFacts } from './facts.ts';
export { formsRoom } from './module.ts';
export { kindOfFile, withoutExif } from './sniff.ts';
