/** The inbox: everything that one should know, the newest first; what is over is greyed. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Checkbox } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, problemOf, Skeleton } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { unreadKey } from '../../frame/bell.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';

type Notice = Answer<'/api/v1/notices'>['items'][number];
type Unread = Answer<'/api/v1/notices/unread'>;

export default function Inbox() {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const url = useUrlState();
  const asked = { unread: url.get('unread'), urgent: url.get('urgent'), kind: url.get('kind') };
  const all = useInfiniteQuery({
    queryKey: ['notices', 'inbox', asked],
    queryFn: ({ signal, pageParam }) =>
      api.get('/api/v1/notices', {
        signal,
        query: {
          ...(asked.unread ? { unread: 'true' as const } : {}),
          ...(asked.urgent ? { urgent: 'true' as const } : {}),
          ...(asked.kind ? { kind: asked.kind as Notice['kind'] as never } : {}),
          ...(pageParam === null ? {} : { before: pageParam }),
        },
      }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
  const taken = (unread: Unread) => {
    client.setQueryData(unreadKey, unread);
    return client.invalidateQueries({ queryKey: ['notices', 'inbox'] });
  };
  const fault = (error: unknown) => void message.error(say(problemOf(error).title));
  const read = useMutation({
    mutationFn: (ids: number[] | 'all') => api.post('/api/v1/notices/read', { body: { ids } }),
    onSuccess: taken,
    onError: fault,
  });
  const acknowledge = useMutation({
    mutationFn: (id: number) => api.post('/api/v1/notices/{id}/acknowledge', { params: { id } }),
    onSuccess: taken,
    onError: fault,
  });
  const first = all.data?.pages[0];
  const items = all.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title={t('titles.notices')}
      lead={t('notices.lead')}
      actions={
        <>
          <Link to="/notices/settings">{t('notices.settings')}</Link>
          <Button disabled={!first?.unread.unread} loading={read.isPending} onClick={() => read.mutate('all')}>
            {t('notices.all-read')}
          </Button>
        </>
      }
    >
      <Filters keys={['unread', 'urgent', 'kind']}>
        <ChoiceFilter
          name="kind"
          label={t('notices.kind')}
          width={220}
          choices={(first?.kinds ?? []).map((k) => ({ value: k.kind, label: say(k.title) }))}
        />
        {(['unread', 'urgent'] as const).map((name) => (
          <Checkbox
            key={name}
            checked={asked[name] !== ''}
            onChange={(event) => url.set({ [name]: event.target.checked ? '1' : undefined })}
          >
            {t(`notices.only-${name}`)}
          </Checkbox>
        ))}
      </Filters>
      {all.isError ? <Failure error={all.error} retry={() => void all.refetch()} /> : null}
      {all.isPending ? <Skeleton rows={8} /> : null}
      {first ? (
        <Panel title={t('notices.list')} flush={items.length > 0}>
          {items.length ? (
            <ul className="notices">
              {items.map((n) => (
                <Item
                  key={n.id}
                  notice={n}
                  onRead={() => read.mutate([n.id])}
                  onAcknowledge={() => acknowledge.mutate(n.id)}
                  busy={acknowledge.isPending && acknowledge.variables === n.id}
                />
              ))}
            </ul>
          ) : (
            <Empty title={t('notices.empty')}>{t('notices.empty-text')}</Empty>
          )}
        </Panel>
      ) : null}
      {all.hasNextPage ? (
        <p style={{ textAlign: 'center', marginBlockStart: 16 }}>
          <Button loading={all.isFetchingNextPage} onClick={() => void all.fetchNextPage()}>
            {t('notices.more')}
          </Button>
        </p>
      ) : null}
    </Page>
  );
}

function Item({
  notice: n,
  onRead,
  onAcknowledge,
  busy,
}: {
  notice: Notice;
  onRead: () => void;
  onAcknowledge: () => void;
  busy: boolean;
}) {
  const { t, say } = useSpeech();
  const over = n.settledAt !== null;
  const unread = n.readAt === null && !over;
  const urgent = n.urgency === 'urgent';
  const marks = [unread ? 'unread' : '', urgent ? 'urgent' : '', over ? 'settled' : ''].filter(Boolean).join(' ');
  return (
    <li className={marks}>
      <div>
        <h3>{say(n.title)}</h3>
        <p className="small">{say(n.text)}</p>
        <p className="small quiet row" style={{ gap: 8, flexWrap: 'wrap', marginBlockStart: 4 }}>
          {over ? <Label>{t('notices.settled')}</Label> : null}
          {urgent && !over ? <Label tone="bad">{t('notices.urgent')}</Label> : null}
          {unread ? <Label tone="info">{t('notices.unread')}</Label> : null}
          {n.acknowledgedAt ? <Label tone="good">{t('notices.acknowledged')}</Label> : null}
          <span>{say(n.kindTitle)}</span>
          <Instant at={n.arrivedAt} />
          {n.because === 'deputy' ? <span>{t('notices.deputy', { name: n.forName ?? '' })}</span> : null}
          {n.because === 'escalation' ? <span>{t('notices.escalation')}</span> : null}
        </p>
      </div>
      <div className="notice-acts">
        <Link to={n.link} onClick={unread ? onRead : undefined} className="small">
          {t('notices.open')}
          <span className="visually-hidden">{say(n.title)}</span>
        </Link>
        {unread ? (
          <Button size="small" onClick={onRead}>
            {t('notices.read')}
            <span className="visually-hidden">{say(n.title)}</span>
          </Button>
        ) : null}
        {!over && n.acknowledgedAt === null ? (
          <Button size="small" type={urgent ? 'primary' : 'default'} loading={busy} onClick={onAcknowledge}>
            {t('notices.acknowledge')}
            <span className="visually-hidden">{say(n.title)}</span>
          </Button>
        ) : null}
      </div>
    </li>
  );
}
