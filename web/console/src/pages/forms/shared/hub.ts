/** Calls of the routes of forms. */
import { api, type PathParams, type Query } from '../../../api/client.ts';

interface Options {
  params?: PathParams;
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
}

/** The console's typed client, with the answers' types of types.ts (designs and values are documents, see there). */
export const hub = {
  get: <T>(path: string, options: Options = {}) => api.get(path as never, options) as Promise<T>,
  post: <T>(path: string, options: Options = {}) => api.post(path as never, options) as Promise<T>,
  put: <T>(path: string, options: Options = {}) => api.put(path as never, options) as Promise<T>,
};
