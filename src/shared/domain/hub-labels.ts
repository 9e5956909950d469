/** What each order of the hub's list is called on screen; without zod, for the screens. */
export const HUB_SORT_LABELS = {
  trending: 'Trending',
  downloads: 'Downloads',
  likes: 'Likes',
  recent: 'Newest',
} as const;
