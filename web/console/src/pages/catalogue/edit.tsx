/** Drafts an entry, new or changed, with the machine's findings as one types. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { App, Button, Select } from 'antd';
import { useEffect, useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { ContentForm } from './entry-form.tsx';
import { type EntryContent, Findings } from './entry-parts.tsx';

const empty: EntryContent = {
  ...{ title: { zh: '', en: '' }, abstract: { zh: '', en: '' }, classification: '307001', format: '', subject: 'none' },
  ...{
    level: null,
    sharing: { type: null, condition: '', ground: '', ways: [] },
    open: { open: false, condition: '' },
  },
  ...{ cycle: null, related: [], tags: [], items: [] },
};
/** How long one must have stopped typing before it is checked. */
const PAUSE_MS = 500;

export default function Edit() {
  const { t } = useSpeech();
  const { entry: id } = useParams({ strict: false }) as { entry?: string };
  const entry = useQuery({
    queryKey: ['catalogue', 'entry', id],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/entries/{id}', { params: { id: id! }, signal }),
    enabled: id !== undefined,
    // What one edits is not to change under one's hands; who saves later is told.
    refetchOnWindowFocus: false,
  });
  const desk = useQuery({
    queryKey: ['catalogue', 'desk'],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/desk', { signal }),
    enabled: id === undefined,
  });
  if (id === undefined)
    return (
      <Loaded query={desk} heading={t('titles.entry-new')}>
        {(data) => (
          <Editor
            id={undefined}
            departments={data.departments}
            content={empty}
            revision={0}
            provider={data.departments[0]?.id}
          />
        )}
      </Loaded>
    );
  return (
    <Loaded query={entry} heading={t('titles.entry-edit')}>
      {(data) =>
        data.draft && data.mayEdit ? (
          <Editor
            key={data.draft.version}
            id={id}
            departments={[data.provider]}
            content={data.draft.content}
            revision={data.draft.revision}
            provider={data.provider.id}
          />
        ) : (
          <Page title={t('titles.entry-edit')} back={{ to: `/catalogue/entries/${id}`, label: t('titles.entry') }}>
            <div className="panel">
              <Empty title={t('entries.nothing-to-edit')}>{t('entries.nothing-to-edit-text')}</Empty>
            </div>
          </Page>
        )
      }
    </Loaded>
  );
}

function Editor(props: {
  id: string | undefined;
  departments: readonly { id: string; name: { zh: string; en: string } }[];
  content: EntryContent;
  revision: number;
  provider: string | undefined;
}) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [content, setContent] = useState(props.content);
  const [revision, setRevision] = useState(props.revision);
  const [provider, setProvider] = useState(props.provider);
  const [settled, setSettled] = useState(props.content);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(content), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [content]);
  const checked = useQuery({
    queryKey: ['catalogue', 'check', props.id ?? '', provider, settled],
    queryFn: ({ signal }) =>
      api.post('/api/v1/catalogue/check', {
        body: { id: props.id ?? '', provider: provider!, content: settled },
        signal,
      }),
    enabled: provider !== undefined,
    placeholderData: (before) => before,
    gcTime: 0,
  });
  const save = useMutation({
    mutationFn: async () => {
      if (props.id === undefined) {
        const made = await api.post('/api/v1/catalogue/entries', { body: { provider: provider!, content } });
        return made.id;
      }
      const saved = await api.put('/api/v1/catalogue/entries/{id}/draft', {
        params: { id: props.id },
        body: { revision, content },
      });
      setRevision(saved.draft?.revision ?? revision);
      client.setQueryData(['catalogue', 'entry', props.id], saved);
      return props.id;
    },
    onSuccess: async (id) => {
      void message.success(t('entries.saved'));
      await client.invalidateQueries({ queryKey: ['catalogue', 'desk'] });
      await navigate({ to: '/catalogue/entries/$entry', params: { entry: id } as never });
    },
  });
  const errors = checked.data?.findings.filter((f) => f.severity === 'error').length ?? 0;
  return (
    <Page
      title={content.title.zh || t(props.id ? 'titles.entry-edit' : 'titles.entry-new')}
      back={
        props.id
          ? { to: `/catalogue/entries/${props.id}`, label: t('titles.entry') }
          : { to: '/catalogue/desk', label: t('titles.entry-desk') }
      }
      lead={t('entries.edit-lead')}
      actions={
        <Button
          type="primary"
          loading={save.isPending}
          disabled={!provider || !content.title.zh.trim()}
          onClick={() => save.mutate()}
        >
          {t('entries.save')}
        </Button>
      }
    >
      {props.departments.length === 0 ? (
        <div className="panel">
          <Empty title={t('entries.no-department')}>{t('entries.no-department-text')}</Empty>
        </div>
      ) : (
        <div className="aside-right">
          <div className="stack">
            {save.error ? <Failure error={save.error} /> : null}
            {props.id === undefined ? (
              <div className="filter" style={{ maxWidth: 420 }}>
                <label htmlFor="entry-provider">{t('entries.facet.provider')}</label>
                <Select
                  id="entry-provider"
                  aria-label={t('entries.facet.provider')}
                  value={provider ?? null}
                  showSearch={{ optionFilterProp: 'label' }}
                  options={props.departments.map((d) => ({ value: d.id, label: say(d.name) }))}
                  onChange={(value: string | null) => setProvider(value ?? undefined)}
                />
              </div>
            ) : null}
            <ContentForm content={content} findings={checked.data?.findings ?? []} onChange={setContent} />
          </div>
          <div className="entry-checks">
            <Panel
              title={t('entries.findings')}
              extra={
                checked.data ? (
                  <Label tone={errors ? 'bad' : 'good'}>
                    {errors ? t('entries.errors-n', { n: errors }) : t('entries.no-errors')}
                  </Label>
                ) : null
              }
            >
              {checked.error ? (
                <Failure error={checked.error} />
              ) : checked.data === undefined ? (
                <p className="quiet" role="status">
                  {t('entries.checking')}
                </p>
              ) : (
                <Findings
                  findings={checked.data.findings}
                  onPick={(pointer) => document.getElementById(`at${pointer.replaceAll('/', '-')}`)?.focus()}
                />
              )}
            </Panel>
          </div>
        </div>
      )}
    </Page>
  );
}
