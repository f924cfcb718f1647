/** Finding an entity of a library: by its fields, or a person by identity number, which is sent in a body. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Button, Form, Input, Segmented } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { PurposeNote } from '../../session/purpose-note.tsx';
import { Cell } from '../credit/cell.tsx';

type Found = Answer<'/api/v1/libraries/base/{library}/entities'>;

export default function Library() {
  const { t, say } = useSpeech();
  const { library } = useParams({ strict: false }) as { library: string };
  const url = useUrlState();
  const q = url.get('q');
  const after = url.number('after', 0);
  const [by, setBy] = useState<'text' | 'identity'>('text');
  const all = useQuery({
    queryKey: ['libraries', 'base'],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/base', { signal }),
  });
  const own = all.data?.libraries.find((l) => l.library === library);
  const found = useQuery({
    queryKey: ['libraries', 'base', library, q, after],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/base/{library}/entities', { params: { library }, query: { q, after }, signal }),
    enabled: own !== undefined && (q !== '' || !own.personal) && by === 'text',
  });
  const identified = useMutation({
    gcTime: 0,
    mutationFn: (identity: string) =>
      api.post('/api/v1/libraries/base/{library}/identity', { params: { library }, body: { identity } }),
  });
  return (
    <Page
      title={own ? say(own.title) : t('titles.library')}
      lead={own ? say(own.abstract) : null}
      back={{ to: '/libraries', label: t('titles.libraries') }}
    >
      <div className="stack">
        <div className="panel panel-body stack-s">
          {library === 'person' ? (
            <Segmented
              value={by}
              aria-label={t('base.query')}
              onChange={(value) => setBy(value as 'text' | 'identity')}
              options={[
                { value: 'text', label: t('base.by-text') },
                { value: 'identity', label: t('base.by-identity') },
              ]}
              style={{ justifySelf: 'start' }}
            />
          ) : null}
          {by === 'text' ? (
            <Form
              key="text"
              layout="inline"
              requiredMark={false}
              initialValues={{ q }}
              onFinish={(values: { q?: string }) => url.set({ q: (values.q ?? '').trim(), after: undefined })}
            >
              <Form.Item name="q" label={t('base.query')}>
                <Input maxLength={120} allowClear autoComplete="off" style={{ width: 260 }} />
              </Form.Item>
              <Button type="primary" htmlType="submit">
                {t('common.search')}
              </Button>
            </Form>
          ) : (
            <Form
              key="identity"
              layout="inline"
              requiredMark={false}
              onFinish={(values: { identity: string }) => identified.mutate(values.identity.trim())}
            >
              <Form.Item
                name="identity"
                label={t('base.identity')}
                rules={[{ required: true, min: 6, message: t('base.identity-short') }]}
              >
                <Input maxLength={40} allowClear autoComplete="off" style={{ width: 260 }} />
              </Form.Item>
              <Button type="primary" htmlType="submit" loading={identified.isPending}>
                {t('common.search')}
              </Button>
            </Form>
          )}
          {own && by === 'text' ? (
            <p className="small quiet">{t('base.by', { what: own.search.map(say).join(' · ') })}</p>
          ) : null}
          {own?.personal ? <PurposeNote /> : null}
        </div>
        {by === 'identity' ? (
          identified.isError ? (
            <Failure error={identified.error} />
          ) : identified.data ? (
            <Results library={library} data={identified.data} />
          ) : (
            <Start />
          )
        ) : own && (q !== '' || !own.personal) ? (
          <Loaded query={found}>
            {(data) => (
              <div className="stack-s">
                <Results library={library} data={data} />
                <div className="row">
                  {after > 0 ? <Button onClick={() => url.set({ after: undefined })}>{t('base.first')}</Button> : null}
                  {data.next === null ? null : (
                    <Button onClick={() => url.set({ after: data.next ?? undefined })}>{t('base.more')}</Button>
                  )}
                </div>
              </div>
            )}
          </Loaded>
        ) : (
          <Start />
        )}
      </div>
    </Page>
  );
}

function Start() {
  const { t } = useSpeech();
  return (
    <div className="panel">
      <Empty title={t('base.start')}>{t('base.start-text')}</Empty>
    </div>
  );
}

function Results({ library, data }: { library: string; data: Found }) {
  const { t, say } = useSpeech();
  const first = data.items[0];
  if (!first) {
    return (
      <div className="panel">
        <Empty title={t('base.nothing')}>{t('base.nothing-text')}</Empty>
      </div>
    );
  }
  return (
    <DataTable
      caption={t('base.query')}
      rows={data.items}
      rowKey={(row) => row.entity}
      columns={[
        {
          key: 'label',
          title: t('base.record'),
          head: true,
          render: (row) => (
            <Link to="/libraries/$library/$entity" params={{ library, entity: String(row.entity) } as never}>
              <Cell cell={row.label} />
            </Link>
          ),
        },
        ...first.shown.map((column, i) => ({
          key: String(i),
          title: say(column.title),
          render: (row: Found['items'][number]) => (
            <Cell cell={row.shown[i]?.value} unit={row.shown[i]?.unit ?? null} />
          ),
        })),
        {
          key: 'facts',
          title: t('base.rows'),
          align: 'end' as const,
          render: (row: Found['items'][number]) => (
            <span className="nowrap">
              {row.contradictions > 0 ? <Label tone="warn">{t('base.contradicted')}</Label> : null} {full(row.facts)}
            </span>
          ),
        },
      ]}
    />
  );
}
