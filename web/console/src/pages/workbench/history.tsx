/** What one asked lately. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { Empty, Failure, Skeleton } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { duration } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

type Item = Answer<'/api/v1/workbench/history'>['items'][number];

export function History({ onOpen }: { onOpen: (item: Item) => void }) {
  const { t, language } = useSpeech();
  const all = useInfiniteQuery({
    queryKey: ['workbench', 'history'],
    queryFn: ({ pageParam, signal }) =>
      api.get('/api/v1/workbench/history', { query: { before: pageParam || undefined }, signal }),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next,
  });
  const items = all.data?.pages.flatMap((page) => page.items) ?? [];
  if (all.isError) return <Failure error={all.error} retry={() => void all.refetch()} />;
  if (all.isPending) return <Skeleton rows={5} />;
  if (!items.length) return <Empty title={t('workbench.no-history')}>{t('workbench.no-history-text')}</Empty>;
  return (
    <div className="stack-s">
      <ul className="wb-history">
        {items.map((item) => (
          <li key={item.id}>
            <pre>{item.statement.split('\n').slice(0, 6).join('\n')}</pre>
            <div className="row small quiet">
              <Instant at={item.at} />
              {item.problem ? (
                <Label tone="bad">
                  <code>{item.problem}</code>
                </Label>
              ) : (
                <span>{t('workbench.answered', { n: item.rows ?? 0, ms: duration(item.ms, language) })}</span>
              )}
              <Button size="small" onClick={() => onOpen(item)}>
                {t('workbench.open')}
                <span className="visually-hidden">{item.id}</span>
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {all.hasNextPage ? (
        <p>
          <Button loading={all.isFetchingNextPage} onClick={() => void all.fetchNextPage()}>
            {t('workbench.more-history')}
          </Button>
        </p>
      ) : null}
    </div>
  );
}
