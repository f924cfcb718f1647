/** Other sites' pages may read the open API: the question that browsers ask before they send a key (CORS preflight, Fetch 4.8). */
import type { LeanHandler } from '../../platform/http/index.ts';

export const API = '/open/api/v1';
/** Header of a key. */
export const KEY_HEADER = 'x-open-key';

export const corsHandler: LeanHandler = {
  paths: [],
  handle(request, response) {
    if (request.method !== 'OPTIONS' || !request.url?.startsWith(`${API}/`)) return false;
    response.writeHead(204, {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': `${KEY_HEADER}, if-none-match, accept`,
      'access-control-max-age': '86400',
      'content-length': '0',
    });
    response.end();
    return true;
  },
};
