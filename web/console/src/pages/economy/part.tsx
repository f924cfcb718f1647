/** One value of a dimension: a park, a town, an industry, a chain, with everything that is known of its economy. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { Page, useTabTitle } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useOverview, View } from './economy.tsx';
import { latestPeriod } from './shared.ts';

export default function EconomyPart() {
  const { t, say } = useSpeech();
  const { dimension, code } = useParams({ strict: false }) as { dimension: string; code: string };
  const overview = useOverview();
  const fixed = `${dimension}:${code}`;
  const period = overview.data ? latestPeriod(overview.data, 'year') : '';
  const named = useQuery({
    queryKey: ['economy', 'figures', 'title', fixed, period],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/economy/figures', { query: { grain: 'year', period, where: fixed }, signal }),
    enabled: period !== '',
  });
  const kind = overview.data?.dimensions.find((d) => d.id === dimension);
  const title = named.data?.where.find((w) => w.dimension === dimension)?.title ?? (named.isPending ? '' : code);
  useTabTitle(title || undefined);
  return (
    <Page
      title={title || t('titles.economy-part')}
      lead={kind ? t('economy.part-lead', { kind: say(kind.title) }) : undefined}
      back={{ to: '/economy', label: t('titles.economy') }}
    >
      <Loaded query={overview}>
        {(data) => (
          <div className="stack">
            <View overview={data} fixed={fixed} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}
