/** Scores: what the room composes. */
export { ASSESS_LANE, cityDay, DailyAssessment, dayParams, SCORE_JOB, scoreJob, scoringFolder } from './job.ts';
export { scoreRoutes, viewerOf } from './routes.ts';
export { scoreTables } from './tables.ts';
