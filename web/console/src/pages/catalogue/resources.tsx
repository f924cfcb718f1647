/** The information-resource catalogue: what exists, whose it is, how it is shared. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useOwners } from '../exchange/shared.tsx';

const limit = 50;
const categories = [
  'registration',
  'permit',
  'penalty',
  'asset',
  'honour',
  'tax',
  'social-insurance',
  'utility',
  'operation',
  'court',
  'dishonesty',
  'bad-loan',
  'other',
];

export default function Resources() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const owners = useOwners();
  const offset = url.number('offset', 0);
  const query = {
    search: url.get('search'),
    owner: url.get('owner'),
    category: url.get('category'),
    level: url.get('level'),
    sharing: url.get('sharing'),
    offset,
    limit,
  };
  const resources = useQuery({
    queryKey: ['catalogue', 'resources', query],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/resources', { query, signal }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const terms = (name: string, values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`terms.${name}.${value}`) }));
  return (
    <Page title={t('titles.resources')} lead={t('catalogue.lead')}>
      <Filters keys={['search', 'owner', 'category', 'level', 'sharing']}>
        <TextFilter name="search" label={t('common.search')} hint={t('catalogue.search-hint')} width={240} />
        <ChoiceFilter name="owner" label={t('exchange.owner')} choices={owners.choices} width={200} />
        <ChoiceFilter
          name="category"
          label={t('exchange.category')}
          choices={terms('category', categories)}
          width={140}
        />
        <ChoiceFilter
          name="level"
          label={t('exchange.level')}
          choices={terms('level', ['core', 'important', 'general'])}
          width={110}
        />
        <ChoiceFilter
          name="sharing"
          label={t('catalogue.sharing')}
          choices={terms('sharing', ['unconditional', 'conditional', 'refused'])}
          width={150}
        />
      </Filters>
      <Loaded query={resources}>
        {(data) =>
          data.items.length === 0 ? (
            <div className="panel">
              <Empty title={t('catalogue.empty')}>{t('catalogue.empty-text')}</Empty>
            </div>
          ) : (
            <div className="stack-s">
              <DataTable
                caption={t('titles.resources')}
                rows={data.items}
                rowKey={(row) => row.id}
                columns={[
                  {
                    key: 'title',
                    title: t('catalogue.resource'),
                    head: true,
                    render: (row) => (
                      <div style={{ minWidth: '15em' }}>
                        <Link to="/catalogue/resources/$resource" params={{ resource: row.id } as never}>
                          {say(row.title)}
                        </Link>
                        <div className="small quiet mono">{row.code}</div>
                      </div>
                    ),
                  },
                  { key: 'owner', title: t('exchange.owner'), render: (row) => say(row.owner.name) },
                  {
                    key: 'category',
                    title: t('exchange.category'),
                    tight: true,
                    render: (row) => t(`terms.category.${row.category}`),
                  },
                  {
                    key: 'level',
                    title: t('exchange.level'),
                    tight: true,
                    render: (row) => <LevelLabel level={row.level} />,
                  },
                  {
                    key: 'sharing',
                    title: t('catalogue.sharing'),
                    tight: true,
                    render: (row) => <SharingLabel type={row.sharing.type} />,
                  },
                  {
                    key: 'open',
                    title: t('catalogue.open'),
                    tight: true,
                    render: (row) => (row.open ? t('common.yes') : <span className="quiet">{t('common.no')}</span>),
                  },
                  {
                    key: 'cadence',
                    title: t('exchange.cadence'),
                    tight: true,
                    render: (row) => t(`terms.cadence.${row.cadence}`),
                  },
                  {
                    key: 'transport',
                    title: t('exchange.transport'),
                    tight: true,
                    render: (row) => t(`terms.transport.${row.transport}`),
                  },
                  { key: 'fields', title: t('catalogue.items'), align: 'end', render: (row) => row.fields },
                  {
                    key: 'protection',
                    title: t('catalogue.highest'),
                    tight: true,
                    render: (row) => <ProtectionLabel protection={row.protection} />,
                  },
                ]}
              />
              <Pager
                offset={offset}
                limit={limit}
                total={data.total}
                onOffset={(next) => url.set({ offset: next || undefined })}
              />
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}

export function LevelLabel({ level }: { level: 'core' | 'important' | 'general' }) {
  const { t } = useSpeech();
  return (
    <Label tone={level === 'core' ? 'bad' : level === 'important' ? 'warn' : undefined}>
      {t(`terms.level.${level}`)}
    </Label>
  );
}

export function SharingLabel({ type }: { type: 'unconditional' | 'conditional' | 'refused' }) {
  const { t } = useSpeech();
  return (
    <Label tone={type === 'unconditional' ? 'good' : type === 'conditional' ? 'info' : undefined}>
      {t(`terms.sharing.${type}`)}
    </Label>
  );
}

export function ProtectionLabel({ protection }: { protection: 'public' | 'internal' | 'personal' | 'sensitive' }) {
  const { t } = useSpeech();
  return (
    <Label tone={protection === 'sensitive' ? 'bad' : protection === 'personal' ? 'warn' : undefined}>
      {t(`terms.protection.${protection}`)}
    </Label>
  );
}
