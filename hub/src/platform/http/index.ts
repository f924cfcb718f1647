export { broken, type Contract, contractOf, contractText, type Described } from './contract.ts';
export { deprecationPage } from './deprecation.ts';
export { createMetrics, gauge, type Metrics } from './metrics.ts';
export { describeApi } from './openapi.ts';
export { forbidden, problemBody } from './problems.ts';
export * from './route.ts';
export { createHttp, type HttpHost, type HttpServer, type LeanHandler } from './server.ts';
export { type Ending, Tls } from './tls/tls.ts';
export { faultsOf } from './validate.ts';
