/**
 * A hub for the benches of events: map, sensing, alerts, events and command on a data folder or a PostgreSQL of the bench's own. Prints one line
 * of JSON when it listens: its address and one-time passwords. Ends when its standard input does.
 *
 *   node --import tsx bench/events-hub.ts <data folder> [postgres url]
 */
import { createApp } from '../hub/src/app.ts';
import { configSchema } from '../hub/src/platform/config/index.ts';
import { createLogger } from '../hub/src/platform/log/index.ts';
import { allRooms } from '../hub/src/rooms.ts';

const [dataFolder, url] = process.argv.slice(2);
if (!dataFolder) throw new Error('usage: events-hub.ts <data folder> [postgres url]');
const ROOMS = new Set(['catalogue', 'map', 'sensing', 'alerts', 'events', 'command']);
const config = configSchema.parse({
  dataFolder,
  http: { port: 0, limits: { requestsPerMinute: 1_000_000 } },
  lake: { memoryMiB: 512, threads: 1 },
  demo: { enabled: true, rows: 0, pace: 0 },
  ...(url ? { db: { url } } : {}),
});
const app = await createApp(config, {
  ...{ logger: createLogger({ level: 'error' }), checkResponses: false },
  rooms: allRooms().filter((r) => ROOMS.has(r.name)),
});
const accounts = app.firstAccounts.map((a) => [a.login, a.oneTimePassword]);
process.stdout.write(`${JSON.stringify({ url: app.url, accounts })}\n`);
process.stdin.resume().on('end', () => void app.close().then(() => process.exit(0)));
