/**
 * The bell: how many notices are unread, live. The stream is open while the page is looked at only, so that many open tabs leave
 * the browser its connections.
 */
import { BellOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Badge } from 'antd';
import { useEffect } from 'react';
import { type Answer, api } from '../api/client.ts';
import { useSpeech } from '../i18n/index.ts';

type Unread = Answer<'/api/v1/notices/unread'>;

/** Key of the number of unread notices; pages that change it put the hub's answer here. */
export const unreadKey = ['notices', 'unread'] as const;

/** Follows the hub's live number while the page is visible; what is shown of the inbox is read anew when it changes. */
function useLiveUnread(): number {
  const client = useQueryClient();
  const unread = useQuery({
    queryKey: unreadKey,
    queryFn: ({ signal }) => api.get('/api/v1/notices/unread', { signal }),
    staleTime: 60_000,
  });
  useEffect(() => {
    let source: EventSource | undefined;
    const listen = () => {
      source?.close();
      source = undefined;
      if (document.visibilityState !== 'visible') return;
      source = new EventSource('/api/v1/notices/stream');
      source.addEventListener('unread', (event) => {
        const told = JSON.parse((event as MessageEvent<string>).data) as Unread;
        const before = client.getQueryData<Unread>(unreadKey);
        client.setQueryData(unreadKey, told);
        if (before && (before.unread !== told.unread || before.urgent !== told.urgent))
          void client.invalidateQueries({ queryKey: ['notices', 'inbox'] });
      });
    };
    listen();
    document.addEventListener('visibilitychange', listen);
    return () => {
      document.removeEventListener('visibilitychange', listen);
      source?.close();
    };
  }, [client]);
  return unread.data?.unread ?? 0;
}

/** Leads to the inbox and says how much of it is unread. */
export function Bell() {
  const { t } = useSpeech();
  const n = useLiveUnread();
  return (
    <Link to="/notices" className="bell" aria-label={n ? t('notices.bell-unread', { n }) : t('notices.bell')}>
      <Badge count={n} overflowCount={99} size="small" aria-hidden="true">
        <BellOutlined aria-hidden="true" />
      </Badge>
    </Link>
  );
}
