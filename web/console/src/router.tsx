/** Routes, made from the table of pages; each page is a chunk of its own. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  useNavigate,
  useSearch,
} from '@tanstack/react-router';
import { useCallback } from 'react';
import type { PageModule } from './entry.ts';
import { Frame } from './frame/frame.tsx';
import { NotFound } from './frame/not-found.tsx';
import { alertsLoaders } from './loaders/alerts.ts';
import { cockpitsLoaders } from './loaders/cockpits.ts';
import { commandLoaders } from './loaders/command.ts';
import { elementsLoaders } from './loaders/elements.ts';
import { erasureLoaders } from './loaders/erasure.ts';
import { eventsLoaders } from './loaders/events.ts';
import { keysLoaders } from './loaders/keys.ts';
import { mapLoaders } from './loaders/map.ts';
import { noticesLoaders } from './loaders/notices.ts';
import { peopleLoaders } from './loaders/people.ts';
import { riskLoaders } from './loaders/risk.ts';
import { sensingLoaders } from './loaders/sensing.ts';
import { workbenchLoaders } from './loaders/workbench.ts';
import { type PagePath, pages } from './pages.ts';

/** Where each page's code is. */
const loaders: Record<PagePath, () => PageModule> = {
  '/': () => import('./pages/overview/overview.tsx'),
  ...cockpitsLoaders,
  ...workbenchLoaders,
  ...elementsLoaders,
  ...mapLoaders,
  ...riskLoaders,
  ...sensingLoaders,
  ...alertsLoaders,
  ...eventsLoaders,
  ...commandLoaders,
  ...keysLoaders,
  ...noticesLoaders,
  ...peopleLoaders,
  ...erasureLoaders,
  '/exchange/sources': () => import('./pages/exchange/sources.tsx'),
  '/exchange/sources/$source': () => import('./pages/exchange/source.tsx'),
  '/exchange/runs': () => import('./pages/exchange/runs.tsx'),
  '/exchange/runs/$run': () => import('./pages/exchange/run.tsx'),
  '/exchange/quarantine': () => import('./pages/exchange/quarantine.tsx'),
  '/catalogue/entries': () => import('./pages/catalogue/entries.tsx'),
  '/catalogue/desk': () => import('./pages/catalogue/desk.tsx'),
  '/catalogue/repeats': () => import('./pages/catalogue/repeats.tsx'),
  '/catalogue/import': () => import('./pages/catalogue/import.tsx'),
  '/catalogue/new': () => import('./pages/catalogue/edit.tsx'),
  '/catalogue/entries/$entry': () => import('./pages/catalogue/entry.tsx'),
  '/catalogue/entries/$entry/edit': () => import('./pages/catalogue/edit.tsx'),
  '/catalogue/resources': () => import('./pages/catalogue/resources.tsx'),
  '/catalogue/resources/$resource': () => import('./pages/catalogue/resource.tsx'),
  '/catalogue/organisations': () => import('./pages/catalogue/organisations.tsx'),
  '/sharing/desk': () => import('./pages/sharing/desk.tsx'),
  '/peers/hubs': () => import('./pages/peers/hubs.tsx'),
  '/peers/hubs/$peer': () => import('./pages/peers/hub.tsx'),
  '/peers/new': () => import('./pages/peers/new.tsx'),
  '/peers/entries': () => import('./pages/peers/entries.tsx'),
  '/peers/entries/$entry': () => import('./pages/peers/entry.tsx'),
  '/peers/matters': () => import('./pages/peers/matters.tsx'),
  '/peers/matters/$matter': () => import('./pages/peers/matter.tsx'),
  '/sharing/requests': () => import('./pages/sharing/requests.tsx'),
  '/sharing/requests/$request': () => import('./pages/sharing/request.tsx'),
  '/sharing/new': () => import('./pages/sharing/wizard.tsx'),
  '/sharing/shares': () => import('./pages/sharing/shares.tsx'),
  '/sharing/shares/$share': () => import('./pages/sharing/share.tsx'),
  '/sharing/oversight': () => import('./pages/sharing/oversight.tsx'),
  '/sharing/deputies': () => import('./pages/sharing/deputies.tsx'),
  '/gateway/services': () => import('./pages/gateway/services.tsx'),
  '/gateway/services/$service': () => import('./pages/gateway/service.tsx'),
  '/gateway/clients': () => import('./pages/gateway/clients.tsx'),
  '/gateway/clients/$client': () => import('./pages/gateway/client.tsx'),
  '/gateway/new': () => import('./pages/gateway/new-client.tsx'),
  '/gateway/usage': () => import('./pages/gateway/usage.tsx'),
  '/subscriptions': () => import('./pages/subscriptions/list.tsx'),
  '/subscriptions/new': () => import('./pages/subscriptions/new.tsx'),
  '/subscriptions/$subscription': () => import('./pages/subscriptions/subscription.tsx'),
  '/collect': () => import('./pages/forms/collect/home.tsx'),
  '/collect/fill/$draft': () => import('./pages/forms/collect/fill.tsx'),
  '/forms': () => import('./pages/forms/records/forms.tsx'),
  '/forms/$form': () => import('./pages/forms/records/form.tsx'),
  '/forms/$form/design': () => import('./pages/forms/design/page.tsx'),
  '/forms/$form/import': () => import('./pages/forms/records/import.tsx'),
  '/forms/$form/print': () => import('./pages/forms/records/print.tsx'),
  '/forms/$form/tasks/$task': () => import('./pages/forms/records/task.tsx'),
  '/forms/$form/records/$record': () => import('./pages/forms/records/record.tsx'),
  '/open': () => import('./pages/open/catalogue.tsx'),
  '/open/requests': () => import('./pages/open/requests.tsx'),
  '/open/developers': () => import('./pages/open/developers.tsx'),
  '/open/$dataset': () => import('./pages/open/dataset.tsx'),
  '/open-desk': () => import('./pages/open/desk.tsx'),
  '/open-desk/$id': () => import('./pages/open/proposal.tsx'),
  '/open-new': () => import('./pages/open/new.tsx'),
  '/open-voices': () => import('./pages/open/public-desk.tsx'),
  '/refinery/quality': () => import('./pages/refinery/quality.tsx'),
  '/refinery/profile': () => import('./pages/refinery/profile.tsx'),
  '/refinery/review': () => import('./pages/refinery/review.tsx'),
  '/linkage': () => import('./pages/linkage/linkage.tsx'),
  '/linkage/$library/review': () => import('./pages/linkage/review.tsx'),
  '/linkage/$library/disagreements': () => import('./pages/linkage/disagreements.tsx'),
  '/linkage/$library/open': () => import('./pages/linkage/open.tsx'),
  '/linkage/$library/versions': () => import('./pages/linkage/versions.tsx'),
  '/linkage/$library/explain': () => import('./pages/linkage/explain.tsx'),
  '/libraries': () => import('./pages/libraries/libraries.tsx'),
  '/addresses': () => import('./pages/libraries/addresses.tsx'),
  '/libraries/$library': () => import('./pages/libraries/library.tsx'),
  '/libraries/$library/$entity': () => import('./pages/libraries/entity.tsx'),
  '/economy': () => import('./pages/economy/economy.tsx'),
  '/grading': () => import('./pages/economy/grading.tsx'),
  '/economy/enterprises/$entity': () => import('./pages/economy/sheet.tsx'),
  '/economy/$dimension/$code': () => import('./pages/economy/part.tsx'),
  '/themes': () => import('./pages/themes/themes.tsx'),
  '/themes/$theme': () => import('./pages/themes/theme.tsx'),
  '/themes/$theme/$entity': () => import('./pages/themes/member.tsx'),
  '/credit/search': () => import('./pages/credit/search.tsx'),
  '/credit/enterprises/$entity': () => import('./pages/credit/enterprise.tsx'),
  '/credit/persons': () => import('./pages/credit/persons.tsx'),
  '/credit/persons/$person': () => import('./pages/credit/person.tsx'),
  '/credit/classes': () => import('./pages/credit/classes.tsx'),
  '/lists': () => import('./pages/lists/lists.tsx'),
  '/lists/$list': () => import('./pages/lists/list.tsx'),
  '/verifications': () => import('./pages/verify/verifications.tsx'),
  '/verifications/$id': () => import('./pages/verify/verification.tsx'),
  '/corrections': () => import('./pages/verify/corrections.tsx'),
  '/credit/ranking': () => import('./pages/assess/ranking.tsx'),
  '/credit/warnings': () => import('./pages/assess/warnings.tsx'),
  '/credit/chains': () => import('./pages/assess/chains.tsx'),
  '/credit/analysis': () => import('./pages/assess/analysis.tsx'),
  '/archives': () => import('./pages/archives/archives.tsx'),
  '/archives/$archive': () => import('./pages/archives/archive.tsx'),
  '/archive-deposit': () => import('./pages/archives/deposit.tsx'),
  '/archive-borrowings': () => import('./pages/archives/borrowings.tsx'),
  '/archive-transfers': () => import('./pages/archives/transfers.tsx'),
  '/archive-preservation': () => import('./pages/archives/preservation.tsx'),
  '/assessment': () => import('./pages/assessment/board.tsx'),
  '/assessment/units/$unit': () => import('./pages/assessment/unit.tsx'),
  '/assessment/indicators/$indicator': () => import('./pages/assessment/indicator.tsx'),
  '/assessment/compare': () => import('./pages/assessment/compare.tsx'),
  '/assessment/objections': () => import('./pages/assessment/objections.tsx'),
  '/assessment/reports': () => import('./pages/assessment/reports.tsx'),
  '/assessment/formula': () => import('./pages/assessment/formula.tsx'),
  '/assessment/screen': () => import('./pages/assessment/screen.tsx'),
  '/trust': () => import('./pages/trust/trust.tsx'),
  '/trust/seals': () => import('./pages/trust/seals.tsx'),
  '/trust/seals/$seal': () => import('./pages/trust/certificate.tsx'),
  '/trust/publications': () => import('./pages/trust/publications.tsx'),
  '/trust/calendar': () => import('./pages/trust/calendar.tsx'),
  '/trust/clients': () => import('./pages/trust/clients.tsx'),
  '/verify': () => import('./pages/trust/public.tsx'),
  '/system/operations': () => import('./pages/system/operations.tsx'),
  '/system/backups': () => import('./pages/system/backups.tsx'),
  '/system/jobs': () => import('./pages/system/jobs.tsx'),
  '/system/users': () => import('./pages/system/users.tsx'),
  '/system/audit': () => import('./pages/system/audit.tsx'),
  '/account': () => import('./pages/account/account.tsx'),
};

const rootRoute = createRootRoute({
  component: () => (
    <Frame>
      <Outlet />
    </Frame>
  ),
  notFoundComponent: NotFound,
});

// biome-ignore lint/suspicious/noExplicitAny: a page takes no properties; its module is typed by itself.
type Drawn = { default: (props: any) => React.ReactNode };

const routes = pages.map((page) =>
  createRoute({
    getParentRoute: () => rootRoute,
    path: page.path,
    component: lazyRouteComponent(loaders[page.path] as () => Promise<Drawn>),
  }),
);

/** Query strings are plain: `?q=91330282&state=overdue&state=failed`, never quoted JSON. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const before = found[key];
    found[key] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return found;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(key, String(one));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

/** Makes the router; `scrollRestoration` keeps the place when going back. */
export function makeRouter() {
  return createRouter({
    routeTree: rootRoute.addChildren(routes),
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultNotFoundComponent: NotFound,
  });
}

/** The page's state in the URL. */
export interface UrlState {
  /** One value, or '' when absent. */
  get(key: string): string;
  /** All values of a repeated key. */
  all(key: string): string[];
  number(key: string, otherwise: number): number;
  /** Changes some keys; empty values disappear. By default the change is a step of the history. */
  set(patch: Record<string, string | number | readonly string[] | undefined>, options?: { replace?: boolean }): void;
}

export function useUrlState(): UrlState {
  const search = useSearch({ strict: false }) as Record<string, string | string[] | undefined>;
  const navigate = useNavigate();
  const set = useCallback<UrlState['set']>(
    (patch, options) => {
      void navigate({
        to: '.',
        search: ((before: Record<string, unknown>) => {
          const next: Record<string, unknown> = { ...before };
          for (const [key, value] of Object.entries(patch)) {
            if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) delete next[key];
            else next[key] = Array.isArray(value) ? [...value] : String(value);
          }
          return next;
        }) as never,
        replace: options?.replace ?? false,
        resetScroll: false,
      });
    },
    [navigate],
  );
  return {
    get(key) {
      const value = search[key];
      return (Array.isArray(value) ? value[0] : value) ?? '';
    },
    all(key) {
      const value = search[key];
      return value === undefined ? [] : Array.isArray(value) ? value : [value];
    },
    number(key, otherwise) {
      const value = Number(this.get(key));
      return this.get(key) === '' || !Number.isFinite(value) ? otherwise : value;
    },
    set,
  };
}
