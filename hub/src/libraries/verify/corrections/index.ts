/** Corrections (核实): differences between lists and libraries, as matters for the departments whose sources they are of. */
export { computeCorrectionDues, correctionDue, type OpenCorrection, openCorrections } from './clock.ts';
export { type DeliveredDoubt, raiseDelivered, type WrongValue, wrongValues } from './delivered.ts';
export { fields, type RaisedFrom, raise, raiseAnswer } from './raise.ts';
export { correctionRoutes } from './routes.ts';
