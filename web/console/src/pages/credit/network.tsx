/** The network of relations, drawn with sigma and walked step by step; beside it the same as a list for the keyboard. */
import { useQueries } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button } from 'antd';
import Graph from 'graphology';
import forceAtlas2 from 'graphology-layout-forceatlas2';
import { useEffect, useMemo, useRef, useState } from 'react';
import Sigma from 'sigma';
import { api } from '../../api/client.ts';
import { Failure, Skeleton } from '../../components/states.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useTheme } from '../../theme/mode.tsx';
import { fontFamily, palettes } from '../../theme/tokens.ts';
import { NetworkList } from './network-list.tsx';
import { mergeNetworks } from './network-merge.ts';

export default function Network({ root, depth = 1 }: { root: string; depth?: number }) {
  const { t } = useSpeech();
  const url = useUrlState();
  const navigate = useNavigate();
  const walked = url.all('walk');
  const answers = useQueries({
    queries: [root, ...walked.filter((node) => node !== root)].map((node, i) => ({
      queryKey: ['credit', 'network', node, i === 0 ? depth : 1],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        api.get('/api/v1/credit/network', { query: { node, depth: i === 0 ? depth : 1 }, signal }),
      staleTime: 60_000,
    })),
  });
  const loaded = answers.flatMap((answer) => (answer.data ? [answer.data] : []));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answers' own identity changes with every render, what was loaded does not.
  const network = useMemo(
    () => mergeNetworks(root, loaded),
    [root, loaded.length, answers.map((a) => a.dataUpdatedAt).join()],
  );
  const [chosen, setChosen] = useState<string | null>(null);
  const walk = (id: string) => url.set({ walk: [...walked.filter((w) => w !== id), id] });
  const failed = answers.find((answer) => answer.isError);
  if (failed && loaded.length === 0) return <Failure error={failed.error} retry={() => void failed.refetch()} />;
  if (loaded.length === 0) return <Skeleton rows={8} />;
  const node = network.nodes.find((n) => n.id === chosen);
  return (
    <div>
      {failed ? <Failure error={failed.error} retry={() => void failed.refetch()} /> : null}
      <div className="net">
        <Drawing network={network} root={root} chosen={chosen} onChoose={setChosen} onWalk={walk} />
        <div className="net-side">
          <p className="small quiet">
            {t('credit.network.size', { nodes: full(network.nodes.length), edges: full(network.edges.length) })}
            {loaded.some((one) => one.cut) ? ` · ${t('credit.network.cut')}` : ''}
          </p>
          <p className="small quiet">{t('credit.network.hint')}</p>
          {walked.length ? (
            <Button size="small" onClick={() => url.set({ walk: undefined })}>
              {t('credit.network.back')}
            </Button>
          ) : null}
          {node ? (
            <div className="row">
              {node.walkable && !node.complete ? (
                <Button size="small" type="primary" onClick={() => walk(node.id)}>
                  {t('credit.network.walk')}
                </Button>
              ) : null}
              {node.entity ? (
                <Button
                  size="small"
                  onClick={() =>
                    void navigate({
                      to: '/credit/enterprises/$entity',
                      params: { entity: String(node.entity) } as never,
                    })
                  }
                >
                  {t('credit.network.open-enterprise')}
                </Button>
              ) : node.kind === 'person' && node.walkable && node.id !== root ? (
                <Button
                  size="small"
                  onClick={() => void navigate({ to: '/credit/persons/$person', params: { person: node.id } as never })}
                >
                  {t('credit.network.open-person')}
                </Button>
              ) : null}
            </div>
          ) : null}
          <NetworkList network={network} chosen={chosen} root={root} onChoose={setChosen} onWalk={walk} />
        </div>
      </div>
    </div>
  );
}

type Merged = ReturnType<typeof mergeNetworks>;

function Drawing({
  network,
  root,
  chosen,
  onChoose,
  onWalk,
}: {
  network: Merged;
  root: string;
  chosen: string | null;
  onChoose: (id: string | null) => void;
  onWalk: (id: string) => void;
}) {
  const { t, language } = useSpeech();
  const { mode } = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const places = useRef(new Map<string, { x: number; y: number }>());
  const [broken, setBroken] = useState(false);
  const handlers = useRef({ onChoose, onWalk });
  handlers.current = { onChoose, onWalk };
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const p = palettes[mode];
    const graph = new Graph({ type: 'directed' });
    network.nodes.forEach((node, i) => {
      // What was drawn before stays where it is; what is new starts near the middle and is pushed out.
      const place = places.current.get(node.id) ?? {
        x: Math.cos(i * 2.4) * (1 + i / 8),
        y: Math.sin(i * 2.4) * (1 + i / 8),
      };
      graph.addNode(node.id, {
        ...place,
        label: node.label.value ?? t('common.hidden'),
        size: node.id === root ? 14 : node.kind === 'enterprise' ? 9 : 7,
        color: node.kind === 'person' ? p.weft : node.kind === 'enterprise' ? p.primary : p.ink3,
        highlighted: node.id === chosen,
      });
    });
    for (const edge of network.edges) {
      if (!graph.hasNode(edge.from) || !graph.hasNode(edge.to)) continue;
      const label = edge.position ?? edge.title[language];
      const drawn = graph.directedEdge(edge.from, edge.to);
      if (drawn !== undefined) {
        // One line for all relations between two: their names would be written over each other.
        const names: string = graph.getEdgeAttribute(drawn, 'label');
        if (!names.split(' · ').includes(label)) graph.setEdgeAttribute(drawn, 'label', `${names} · ${label}`);
        continue;
      }
      graph.addDirectedEdge(edge.from, edge.to, {
        label,
        color: p['line-strong'],
        size: 1.4,
      });
    }
    forceAtlas2.assign(graph, {
      iterations: network.nodes.length > 200 ? 120 : 250,
      settings: { ...forceAtlas2.inferSettings(graph), gravity: 1.2 },
    });
    graph.forEachNode((id, attributes) => {
      places.current.set(id, { x: attributes.x as number, y: attributes.y as number });
    });
    let sigma: Sigma | null = null;
    try {
      sigma = new Sigma(graph, element, {
        renderEdgeLabels: network.edges.length < 60,
        labelColor: { color: p.ink },
        edgeLabelColor: { color: p.ink2 },
        labelFont: fontFamily,
        labelSize: 12,
        edgeLabelSize: 11,
        defaultEdgeType: 'arrow',
        labelRenderedSizeThreshold: 4,
        // The plain label on a plate of the surface's colour: sigma's own plate is white in the dark too.
        defaultDrawNodeHover: (context, data, settings) => {
          context.font = `${settings.labelSize}px ${fontFamily}`;
          const width = context.measureText(data.label ?? '').width + 10;
          context.fillStyle = p.surface;
          context.strokeStyle = p.primary;
          context.beginPath();
          context.roundRect(data.x + data.size + 1, data.y - 11, width, 22, 3);
          context.fill();
          context.stroke();
          context.fillStyle = p.ink;
          context.fillText(data.label ?? '', data.x + data.size + 6, data.y + settings.labelSize / 3);
        },
      });
      sigma.on('clickNode', ({ node }) => handlers.current.onChoose(node));
      sigma.on('doubleClickNode', ({ node, preventSigmaDefault }) => {
        preventSigmaDefault();
        handlers.current.onWalk(node);
      });
      sigma.on('clickStage', () => handlers.current.onChoose(null));
    } catch {
      // No WebGL here: the list beside the drawing says the same.
      setBroken(true);
    }
    return () => sigma?.kill();
  }, [network, mode, language, root, chosen, t]);
  if (broken) return <p className="net-canvas quiet panel-body">{t('credit.network.no-webgl')}</p>;
  return (
    <div
      ref={box}
      className="net-canvas"
      role="img"
      aria-label={t('credit.network.label', { n: network.nodes.length })}
    />
  );
}
