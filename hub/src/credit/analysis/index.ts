/** Economic analysis: what the room composes. */
export { analysisTables, MEASURE_JOB, measureJob } from './measure.ts';
export { analysisRoutes } from './routes.ts';
