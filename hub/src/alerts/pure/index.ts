/** The pure part of alerts: what rules mean and how they are evaluated; neither Node's services nor an engine of data. */
export type { ModelOf, SlotModel } from './columns.ts';
export { Engine, type Transition, type Watch } from './engine.ts';
export { type Colour, colourOf, colours, colourTitles, type Level, levelOf } from './levels.ts';
export {
  categories,
  compile,
  type Measure,
  measures,
  milliseconds,
  type Program,
  type Rule,
  type RuleInput,
  ruleSchema,
  threshold,
  windowed,
} from './rule.ts';
