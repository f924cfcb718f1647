/**
 * Finds the hub that a command speaks to. While a hub owns the data folder (or one is named by --hub) the command line
 * is its client; otherwise the command opens the data folder itself, does its work and lets go.
 */
import type { App } from '@jingwei/hub';
import { type Config, holderOf, loadConfig } from '@jingwei/hub/light';
import { HubClient } from './client.ts';

/** The options that every command shares. */
export interface Common {
  json?: boolean;
  lang?: string;
  config?: string;
  data?: string;
  hub?: string;
}

/** The configuration as the command's options change it. */
export function configOf(options: Common): Config {
  return loadConfig({
    ...(options.config ? { file: options.config } : {}),
    overrides: options.data ? { dataFolder: options.data } : {},
  });
}

/** The address of the hub to be a client of, or undefined when the data folder is free. */
export function runningHub(options: Common): string | undefined {
  if (options.hub) return options.hub;
  if (process.env.JINGWEI_HUB) return process.env.JINGWEI_HUB;
  const config = configOf(options);
  const holder = holderOf(config.dataFolder);
  if (!holder) return undefined;
  return holder.url ?? `http://${config.http.host}:${config.http.port}`;
}

/** Does one thing with a running hub or, when there is none, with the data folder itself. */
export async function withHub<T>(
  options: Common,
  asClient: (client: HubClient) => Promise<T>,
  asOwner: (app: App) => Promise<T>,
): Promise<T> {
  const url = runningHub(options);
  if (url) return asClient(new HubClient(url));
  const config = configOf(options);
  const { createApp } = await import('@jingwei/hub');
  // What a command asks to be sealed waits for the hub: seconds of a command's life are none of the calendar's.
  const seal = { ...config.seal, signing: false };
  const app = await createApp({
    ...config,
    seal,
    http: { ...config.http, host: '127.0.0.1', port: 0, tls: undefined },
  });
  try {
    return await asOwner(app);
  } finally {
    await app.close();
  }
}
