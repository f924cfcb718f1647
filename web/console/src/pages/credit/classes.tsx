/** Records of a class over all enterprises, with filters, and their export. */
import { DownloadOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Select } from 'antd';
import { useId, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { ChoiceFilter, DateFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { PurposeNote } from '../../session/purpose-note.tsx';
import { useSession } from '../../session/session.tsx';
import { useOwners } from '../exchange/shared.tsx';
import { ExportDialog } from './export.tsx';
import { OriginDrawer } from './origin.tsx';
import { RecordTable } from './records.tsx';
import { type CreditRecord, statusTone } from './types.ts';

type ClassesAnswer = Answer<'/api/v1/credit/classes'>;
type RecordsAnswer = Answer<'/api/v1/credit/facts'>;

const filterKeys = [
  'from',
  'to',
  'minAmount',
  'maxAmount',
  'field',
  'contains',
  'status',
  'town',
  'unmatched',
  'sort',
] as const;

export default function Classes() {
  const { t } = useSpeech();
  const url = useUrlState();
  const { may } = useSession();
  const [exporting, setExporting] = useState(false);
  const classes = useQuery({
    queryKey: ['credit', 'classes'],
    queryFn: ({ signal }) => api.get('/api/v1/credit/classes', { signal }),
    staleTime: 300_000,
  });
  const chosen = url.get('class');
  const category = url.get('category');
  const fact = url.get('fact');
  return (
    <Page
      title={t('titles.classes')}
      lead={t('credit.classes.lead')}
      actions={
        may('credit.export') ? (
          <Button
            icon={<DownloadOutlined />}
            disabled={!chosen}
            onClick={() => setExporting(true)}
            title={chosen ? undefined : t('credit.classes.export-needs-class')}
          >
            {t('credit.export.title')}
          </Button>
        ) : null
      }
    >
      <Loaded query={classes}>
        {(data) => (
          <>
            <Conditions classes={data} />
            {chosen || category ? <Found chosen={chosen} category={category} /> : <Start classes={data} />}
          </>
        )}
      </Loaded>
      {exporting ? <ExportDialog filter={currentFilter(url)} onClose={() => setExporting(false)} /> : null}
      {fact ? <OriginDrawer fact={fact} onClose={() => url.set({ fact: undefined })} /> : null}
    </Page>
  );
}

/** The filters as the URL has them. */
function currentFilter(url: ReturnType<typeof useUrlState>): Record<string, string> {
  return Object.fromEntries(
    ['class', 'category', ...filterKeys].map((key) => [key, url.get(key)]).filter(([, value]) => value !== ''),
  );
}

function Conditions({ classes }: { classes: ClassesAnswer }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const id = useId();
  const chosen = url.get('class');
  const category = url.get('category');
  const one = classes.classes.find((c) => String(c.class) === chosen);
  const value = chosen || (category ? `category:${category}` : undefined);
  return (
    <Filters keys={['class', 'category', ...filterKeys]}>
      <div className="filter" style={{ minWidth: 280 }}>
        <label htmlFor={id}>{t('credit.classes.what')}</label>
        <Select
          id={id}
          aria-label={t('credit.classes.what')}
          value={value ?? null}
          placeholder={t('credit.classes.choose')}
          showSearch={{ optionFilterProp: 'label' }}
          popupMatchSelectWidth={false}
          options={classes.categories.map((group) => ({
            label: say(group.title),
            options: [
              { value: `category:${group.category}`, label: t('credit.classes.whole', { category: say(group.title) }) },
              ...classes.classes
                .filter((c) => c.category === group.category)
                .map((c) => ({ value: String(c.class), label: say(c.title) })),
            ],
          }))}
          onChange={(next: string) =>
            url.set({
              ...(next.startsWith('category:')
                ? { category: next.slice(9), class: undefined }
                : { class: next, category: undefined }),
              field: undefined,
              contains: undefined,
              cursor: undefined,
            })
          }
        />
      </div>
      {value ? (
        <>
          <DateFilter name="from" label={t('credit.classes.from')} width={140} />
          <DateFilter name="to" label={t('credit.classes.to')} width={140} />
          <TextFilter name="minAmount" type="number" label={t('credit.classes.min-amount')} width={120} />
          <TextFilter name="maxAmount" type="number" label={t('credit.classes.max-amount')} width={120} />
          {one ? (
            <>
              <ChoiceFilter
                name="field"
                label={t('credit.classes.field')}
                choices={one.fields.map((f) => ({ value: f.name, label: say(f.title) }))}
              />
              {url.get('field') ? (
                <TextFilter name="contains" label={t('credit.classes.contains')} width={160} />
              ) : null}
            </>
          ) : null}
          <ChoiceFilter
            name="unmatched"
            label={t('credit.classes.unmatched')}
            otherwise="no"
            choices={['no', 'yes', 'only'].map((v) => ({ value: v, label: t(`credit.classes.unmatched-${v}`) }))}
          />
          <ChoiceFilter
            name="sort"
            label={t('credit.classes.sort')}
            otherwise="day-desc"
            choices={['day-desc', 'day-asc', 'amount-desc', 'amount-asc'].map((v) => ({
              value: v,
              label: t(`credit.classes.sort-${v}`),
            }))}
          />
        </>
      ) : null}
    </Filters>
  );
}

function Start({ classes }: { classes: ClassesAnswer }) {
  const { t, say } = useSpeech();
  const owners = useOwners();
  const url = useUrlState();
  if (classes.classes.length === 0) {
    return (
      <div className="panel">
        <Empty title={t('credit.classes.none')}>{t('credit.classes.none-text')}</Empty>
      </div>
    );
  }
  return (
    <div className="class-grid">
      {classes.categories
        .map((group) => ({ group, items: classes.classes.filter((c) => c.category === group.category) }))
        .filter(({ items }) => items.length > 0)
        .map(({ group, items }) => (
          <section key={group.category} className="panel">
            <div className="panel-head">
              <h2>{say(group.title)}</h2>
              <span className="small quiet">{items.length}</span>
            </div>
            <ul className="picks">
              {items.map((item) => (
                <li key={item.class}>
                  <button type="button" onClick={() => url.set({ class: item.class })}>
                    <span>{say(item.title)}</span>
                    <span className="small quiet">{owners.nameOf(item.owner)}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
    </div>
  );
}

function Found({ chosen, category }: { chosen: string; category: string }) {
  const { t, language } = useSpeech();
  const url = useUrlState();
  // One field's text needs both its name and what it contains.
  const filter = currentFilter(url);
  if (!filter.field || !filter.contains) {
    delete filter.field;
    delete filter.contains;
  }
  const query = { ...filter, class: chosen, category: chosen ? '' : category, cursor: url.get('cursor'), limit: 50 };
  const records = useQuery({
    queryKey: ['credit', 'records', query],
    queryFn: ({ signal }) => api.get('/api/v1/credit/facts', { query, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={records}>
      {(data) => (
        <div className="stack-s">
          <div className="row spread">
            <p className="small quiet" role="status">
              {data.count
                ? t(data.count.exact ? 'credit.classes.count' : 'credit.classes.count-more', {
                    n: full(data.count.value),
                  })
                : ''}
            </p>
            <PurposeNote />
          </div>
          {data.hints.map((hint) => (
            <p key={hint.code} className="note small">
              {hint[language]}
            </p>
          ))}
          {data.records.length === 0 ? (
            <div className="panel">
              <Empty title={t('credit.classes.empty')}>{t('credit.classes.empty-text')}</Empty>
            </div>
          ) : (
            <RecordTable
              records={data.records}
              classes={data.classes}
              lead={[
                {
                  key: 'enterprise',
                  title: t('credit.classes.enterprise'),
                  head: true,
                  render: (row) => <EnterpriseOf record={row as RecordsAnswer['records'][number] & CreditRecord} />,
                },
              ]}
            />
          )}
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            {url.get('cursor') ? (
              <Button size="small" onClick={() => url.set({ cursor: undefined })}>
                {t('common.first')}
              </Button>
            ) : null}
            {data.next ? (
              <Button size="small" onClick={() => url.set({ cursor: data.next ?? undefined })}>
                {t('common.next')}
              </Button>
            ) : null}
          </div>
        </div>
      )}
    </Loaded>
  );
}

function EnterpriseOf({ record }: { record: RecordsAnswer['records'][number] }) {
  const { t } = useSpeech();
  if (!record.enterprise) return <span className="quiet">{t('credit.classes.no-enterprise')}</span>;
  return (
    <div className="cell wide">
      <Link to="/credit/enterprises/$entity" params={{ entity: String(record.enterprise.entity) } as never}>
        {record.enterprise.name}
      </Link>
      <div className="row small quiet" style={{ gap: 6 }}>
        <span className="mono">{record.enterprise.uscc}</span>
        {record.enterprise.status ? (
          <Label tone={statusTone(record.enterprise.status)}>{record.enterprise.status}</Label>
        ) : null}
      </div>
    </div>
  );
}
