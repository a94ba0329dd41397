//! Things that come and go, by small numbers.

/// A list with holes that are used again; the numbers of what is in it stay the same.
#[derive(Clone, Debug)]
pub struct Slab<T> {
    items: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab { items: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// Puts something in; its number.
    pub fn insert(&mut self, item: T) -> u32 {
        match self.free.pop() {
            Some(at) => {
                self.items[at as usize] = item;
                at
            }
            None => {
                self.items.push(item);
                self.items.len() as u32 - 1
            }
        }
    }

    /// Its number may be used again.
    pub fn remove(&mut self, at: u32) {
        self.free.push(at);
    }

    /// What is in, by number.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let mut free = self.free.clone();
        free.sort_unstable();
        let taken = move |at: &usize| free.binary_search(&(*at as u32)).is_err();
        (0..self.items.len()).filter(taken).map(|at| &self.items[at])
    }

    /// How many are in.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.items.len() - self.free.len()
    }
}

impl<T> std::ops::Index<u32> for Slab<T> {
    type Output = T;

    fn index(&self, at: u32) -> &T {
        &self.items[at as usize]
    }
}

impl<T> std::ops::IndexMut<u32> for Slab<T> {
    fn index_mut(&mut self, at: u32) -> &mut T {
        &mut self.items[at as usize]
    }
}
