/** The quarantine workbench: rows by rule, the whole row with its fault marked; mend, release, drop, export. */
import { DownloadOutlined } from '@ant-design/icons';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Checkbox, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { type Answer, api, urlOf } from '../../api/client.ts';
import type { QuarantineEntry } from '../../api/types.ts';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { EntryDrawer } from './quarantine-entry.tsx';
import { useOwners, useSourceChoices } from './shared.tsx';

type Page_ = Answer<'/api/v1/exchange/quarantine'>;
const limit = 50;
const filterKeys = ['source', 'owner', 'run', 'rule', 'field', 'status'] as const;

const idOf = (row: { run: number; row: number }) => `${row.run}-${row.row}`;

export default function Quarantine() {
  const { t } = useSpeech();
  const url = useUrlState();
  const owners = useOwners();
  const sources = useSourceChoices();
  const filter = Object.fromEntries(filterKeys.map((key) => [key, url.get(key)])) as Record<
    (typeof filterKeys)[number],
    string
  >;
  const query = { ...filter, after: url.get('after'), limit };
  const entries = useQuery({
    queryKey: ['exchange', 'quarantine', query],
    queryFn: ({ signal }) => api.get('/api/v1/exchange/quarantine', { query, signal }),
    placeholderData: keepPreviousData,
  });
  const chosen = url.get('entry');
  return (
    <Page
      title={t('titles.quarantine')}
      lead={t('exchange.quarantine.lead')}
      actions={
        <Button icon={<DownloadOutlined />} href={urlOf('/api/v1/exchange/quarantine/export', {}, filter)} download>
          {t('exchange.quarantine.export')}
        </Button>
      }
    >
      <Filters keys={filterKeys}>
        <ChoiceFilter name="source" label={t('exchange.source')} choices={sources} width={260} />
        <ChoiceFilter name="owner" label={t('exchange.owner')} choices={owners.choices} width={200} />
        <TextFilter name="run" label={t('exchange.run.number')} width={100} />
        <ChoiceFilter
          name="status"
          label={t('exchange.state')}
          otherwise="open"
          choices={['open', 'released', 'dropped'].map((value) => ({
            value,
            label: t(`exchange.quarantine.status.${value}`),
          }))}
        />
      </Filters>
      <Loaded query={entries}>
        {(data) =>
          data.total === 0 && data.facets.length === 0 ? (
            <div className="panel">
              <Empty title={t('exchange.quarantine.empty')}>{t('exchange.quarantine.empty-text')}</Empty>
            </div>
          ) : (
            <div className="aside-left wide-left">
              <Rules data={data} />
              <Rows key={JSON.stringify(query)} data={data} filter={filter} />
            </div>
          )
        }
      </Loaded>
      {chosen ? <EntryDrawer id={chosen} onClose={() => url.set({ entry: undefined })} /> : null}
    </Page>
  );
}

/** How many rows each rule and field holds; one click narrows to it. */
function Rules({ data }: { data: Page_ }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const active = (facet: Page_['facets'][number]) =>
    url.get('rule') === facet.rule && url.get('field') === (facet.field ?? '');
  return (
    <Panel title={t('exchange.quarantine.rules')} flush>
      <ul className="picks">
        {[...data.facets]
          .sort((a, b) => b.rows - a.rows)
          .map((facet) => (
            <li key={`${facet.rule}-${facet.field}`}>
              <button
                type="button"
                aria-pressed={active(facet)}
                onClick={() =>
                  url.set(
                    active(facet)
                      ? { rule: undefined, field: undefined, after: undefined }
                      : { rule: facet.rule, field: facet.field ?? undefined, after: undefined },
                  )
                }
              >
                <span>
                  {say(facet.title)}
                  {facet.field ? <span className="quiet mono small"> {facet.field}</span> : null}
                </span>
                <span className="num">{full(facet.rows)}</span>
              </button>
            </li>
          ))}
      </ul>
    </Panel>
  );
}

function Rows({ data, filter }: { data: Page_; filter: Record<string, string> }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const { may } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [dropping, setDropping] = useState(false);
  const [form] = Form.useForm<{ reason: string }>();
  const open = data.items.filter((row) => row.status === 'open');
  const chosen = open.filter((row) => picked.has(idOf(row)));
  // One call is for one source: the picked rows' own, or the one that the filter names.
  const sources = [...new Set(chosen.map((row) => row.source))];
  const target = chosen.length ? (sources.length === 1 ? sources[0]! : null) : filter.source || null;
  const selection = () => ({
    source: target!,
    ...(chosen.length
      ? { rows: chosen.map((row) => ({ run: row.run, row: row.row })) }
      : {
          ...(filter.run ? { run: Number(filter.run) } : {}),
          ...(filter.rule ? { rule: filter.rule } : {}),
          ...(filter.field ? { field: filter.field } : {}),
        }),
  });
  const after = async () => {
    setPicked(new Set());
    await client.invalidateQueries({ queryKey: ['exchange'] });
  };
  const release = useMutation({
    mutationFn: () => api.post('/api/v1/exchange/quarantine/release', { body: selection() }),
    onSuccess: async (answer) => {
      // Nothing that could be released is no success.
      message[answer.released + answer.duplicate > 0 ? 'success' : 'warning'](
        t('exchange.quarantine.released', {
          released: full(answer.released),
          kept: full(answer.kept),
          duplicate: full(answer.duplicate),
        }),
      );
      await after();
    },
  });
  const drop = useMutation({
    mutationFn: (reason: string) => api.post('/api/v1/exchange/quarantine/drop', { body: { ...selection(), reason } }),
    onSuccess: async (answer) => {
      message.success(t('exchange.quarantine.dropped', { n: full(answer.dropped) }));
      setDropping(false);
      await after();
    },
  });
  const scope = chosen.length
    ? t('exchange.quarantine.picked', { n: chosen.length })
    : t('exchange.quarantine.all-filtered', { n: full(data.total) });
  return (
    <div className="stack-s">
      {may('quarantine.mend') && open.length ? (
        <div className="row spread">
          <span className="small quiet">
            {target === null
              ? sources.length > 1
                ? t('exchange.quarantine.one-source')
                : t('exchange.quarantine.pick-first')
              : scope}
          </span>
          <span className="row">
            <Button disabled={target === null} loading={release.isPending} onClick={() => release.mutate()}>
              {t('exchange.quarantine.release')}
            </Button>
            <Button danger disabled={target === null} onClick={() => setDropping(true)}>
              {t('exchange.quarantine.drop')}
            </Button>
          </span>
        </div>
      ) : null}
      {release.isError ? <Failure error={release.error} /> : null}
      <DataTable<QuarantineEntry>
        caption={t('titles.quarantine')}
        rows={data.items}
        rowKey={idOf}
        chosen={(row) => url.get('entry') === idOf(row)}
        empty={
          <div className="panel">
            <Empty title={t('exchange.quarantine.none-here')} />
          </div>
        }
        columns={[
          ...(may('quarantine.mend')
            ? [
                {
                  key: 'pick',
                  tight: true,
                  title: (
                    <Checkbox
                      aria-label={t('exchange.quarantine.pick-page')}
                      checked={open.length > 0 && chosen.length === open.length}
                      indeterminate={chosen.length > 0 && chosen.length < open.length}
                      onChange={(event) => setPicked(new Set(event.target.checked ? open.map(idOf) : []))}
                    />
                  ),
                  render: (row: QuarantineEntry) => (
                    <Checkbox
                      aria-label={t('exchange.quarantine.pick', { row: idOf(row) })}
                      disabled={row.status !== 'open'}
                      checked={picked.has(idOf(row))}
                      onChange={(event) => {
                        const next = new Set(picked);
                        if (event.target.checked) next.add(idOf(row));
                        else next.delete(idOf(row));
                        setPicked(next);
                      }}
                    />
                  ),
                },
              ]
            : []),
          {
            key: 'row',
            title: t('exchange.quarantine.row'),
            head: true,
            tight: true,
            render: (row) => (
              <button type="button" className="link-button" onClick={() => url.set({ entry: idOf(row) })}>
                #{row.run} · {full(row.row)}
              </button>
            ),
          },
          {
            key: 'source',
            title: t('exchange.source'),
            render: (row) => (
              <Link to="/exchange/sources/$source" params={{ source: row.source } as never}>
                {say(row.title)}
              </Link>
            ),
          },
          { key: 'sentence', title: t('exchange.quarantine.why'), render: (row) => say(row.sentence) },
          {
            key: 'value',
            title: t('exchange.quarantine.value'),
            render: (row) => {
              const faulty = row.cells.filter((cell) => cell.fault);
              if (faulty.length === 0) return <span className="clip mono quiet">{row.raw ?? '—'}</span>;
              return faulty.map((cell) => (
                <div key={cell.field} className="nowrap">
                  <span className="quiet small">{say(cell.title)}</span>{' '}
                  <span className="fault mono">
                    {cell.value === null || cell.value === '' ? t('exchange.quarantine.blank') : cell.value}
                  </span>
                  {cell.mended === null ? null : <span className="mono good-text"> → {cell.mended}</span>}
                </div>
              ));
            },
          },
          {
            key: 'line',
            title: t('exchange.quarantine.line'),
            align: 'end',
            render: (row) => (row.line === null ? '—' : full(row.line)),
          },
          {
            key: 'status',
            title: t('exchange.state'),
            tight: true,
            render: (row) => (
              <Label tone={row.status === 'open' ? 'warn' : row.status === 'released' ? 'good' : undefined}>
                {t(`exchange.quarantine.status.${row.status}`)}
              </Label>
            ),
          },
          { key: 'at', title: t('exchange.quarantine.at'), tight: true, render: (row) => <Instant at={row.at} /> },
        ]}
      />
      <div className="row spread">
        <span className="small quiet">{t('common.total', { n: full(data.total) })}</span>
        <span className="row">
          {url.get('after') ? (
            <Button size="small" onClick={() => url.set({ after: undefined })}>
              {t('common.first')}
            </Button>
          ) : null}
          {data.next ? (
            <Button size="small" onClick={() => url.set({ after: data.next ?? undefined })}>
              {t('common.next')}
            </Button>
          ) : null}
        </span>
      </div>
      <Modal
        open={dropping}
        title={t('exchange.quarantine.drop-title')}
        okText={t('exchange.quarantine.drop')}
        cancelText={t('common.cancel')}
        okButtonProps={{ danger: true, loading: drop.isPending }}
        onOk={() => form.submit()}
        onCancel={() => setDropping(false)}
        destroyOnHidden
      >
        <p style={{ marginBlockEnd: 12 }}>
          {scope} · {t('exchange.quarantine.drop-text')}
        </p>
        <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => drop.mutate(values.reason)}>
          <Form.Item
            name="reason"
            label={t('common.reason')}
            rules={[{ required: true, min: 4, message: t('common.reason-short') }]}
          >
            <Input.TextArea rows={3} maxLength={500} />
          </Form.Item>
        </Form>
        {drop.isError ? <Failure error={drop.error} /> : null}
      </Modal>
    </div>
  );
}
