/** Probabilistic linkage of the declared libraries: what keys and rules leave open, weighed, reviewed, explained. */
export { forgetFrequencies } from './forget.ts';
export { LinkageOrders, linkageJob, linkageProposer } from './job.ts';
export { linkageRoutes } from './routes.ts';
export { forgottenLinkage, linkageTables } from './tables.ts';
