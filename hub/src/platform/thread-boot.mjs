/** First lines of every worker thread: registers the TypeScript loader, then loads the module named by the argument. */
import { register } from 'tsx/esm/api';

register();
await import(process.argv[2]);
