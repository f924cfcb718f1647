/** Corrections (核实): differences between lists and libraries, as matters for the departments whose sources they are of. */
export { fields, type RaisedFrom, raise, raiseAnswer } from './raise.ts';
export { correctionRoutes } from './routes.ts';
