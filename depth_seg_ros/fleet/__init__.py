"""Many machines as one: data sets and scores on dask.distributed (extra ``fleet``).

Dask runs whatever Python code it is sent: everybody who reaches the scheduler's port may run code
as its user. Bind to the loopback interface (the default here), or use Dask's own TLS settings.
"""
