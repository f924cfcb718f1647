/** Making keyless signatures (Node only): the signing service, its calendar, clients of its protocols, trees of records. */
export * from '../calendar/index.ts';
export { RecordTree } from '../sign/record-tree.ts';
export { TreeThreads, WideTree } from '../sign/threads.ts';
export { checkFolder } from './check.ts';
export { AggregatorClient, type ClientOptions, ExtenderClient, parentClient } from './clients.ts';
export {
  type Alarm,
  type Authenticate,
  type Client,
  defaultLimits,
  type Limits,
  type ParentClient,
  type RootSignature,
  type ServiceOptions,
  type ServiceStatus,
} from './options.ts';
export { Refusal, STATUS } from './refusal.ts';
export { SigningService, type SignOptions } from './service.ts';
